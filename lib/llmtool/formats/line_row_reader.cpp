#include "llmtool/formats/line_row_reader.h"

#include <cstdio>
#include <cstring>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/core/utf8.h"

namespace llmtool {
namespace {

std::string in_hexadecimal(char byte) {
  char text[5];
  std::snprintf(text, sizeof(text), "0x%02x", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace

LineRowReader::LineRowReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : lines_(std::move(source), options.layout.longest_row()), on_bad_row_(options.on_bad_row) {}

bool LineRowReader::read_or_report(Row& row) {
  for (;;) {
    try {
      return read(row);
    } catch (const BadRow& error) {
      if (!on_bad_row_) throw;
      on_bad_row_({lines_.line(), error.what(), std::string(lines_.text())});
    }
  }
}

bool LineRowReader::read_ahead() { return has_first_row_ = read_or_report(first_row_); }

bool LineRowReader::next(Row& row) {
  if (!has_first_row_) return read_or_report(row);
  row = std::move(first_row_);
  has_first_row_ = false;
  return true;
}

void LineRowReader::require_valid_text() const {
  const std::string_view text = lines_.text();
  if (const auto place = find_invalid_utf8(text)) {
    const SourcePosition position{name(), lines_.position(*place).line};
    throw BadRow(position, "invalid UTF-8 at byte offset " + std::to_string(lines_.byte_offset(*place)) + " (byte " +
                               in_hexadecimal(text[*place]) +
                               "); if it is text of Windows, or Latin-1, convert it: iconv -f WINDOWS-1252 -t UTF-8");
  }
  if (const void* found = std::memchr(text.data(), '\0', text.size())) {
    const auto place = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    throw BadRow({name(), lines_.position(place).line},
                 "NUL byte at byte offset " + std::to_string(lines_.byte_offset(place)) +
                     "; the file looks damaged, binary or UTF-16 (then convert it: iconv -f UTF-16 -t UTF-8)");
  }
}

TextReader::TextReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : LineRowReader(std::move(source), options) {
  columns_ = std::make_shared<const ColumnNames>(ColumnNames{"text"});
}

bool TextReader::read(Row& row) {
  if (!lines_.next()) return false;
  require_valid_text();
  row.start(lines_.line(), columns_);
  row.add_cell(lines_.text());
  return true;
}

namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

JsonlReader::JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : LineRowReader(std::move(source), options) {
  if (read_ahead()) return;
  if (!options.on_bad_row) throw DataError(name() + ": the file has no JSON object that can be read");
  columns_ = std::make_shared<const ColumnNames>();  // all rows were reported
}

// What people call JSON Lines and is something else.
std::string JsonlReader::advice() const {
  const std::string_view text = lines_.text();
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (text[begin] == '[') return "; JSONL is one object a line: jq -c '.[]' writes the objects of a list so";
  const bool opens_object = text.substr(begin).find_last_not_of(" \t\r") == 0 && text[begin] == '{';
  return opens_object ? "; JSONL is one object a line: jq -c . writes objects so" : "";
}

std::vector<JsonMember> JsonlReader::parse_line() const {
  const std::string_view text = lines_.text();
  if (text[text.find_first_not_of(" \t\r")] != '{')
    throw BadRow({name(), lines_.line()}, "each line must be a JSON object such as {\"text\": \"…\"}" + advice());
  try {
    return parse_json_object(text, name(), ExitCode::kData, lines_.line());
  } catch (const Error& error) {
    throw BadRow(error.what() + advice());
  }
}

bool JsonlReader::read(Row& row) {
  do {
    if (!lines_.next()) return false;
  } while (is_blank(lines_.text()));
  require_valid_text();
  std::vector<JsonMember> members = parse_line();
  if (!columns_) {
    ColumnNames names;
    for (const JsonMember& member : members) names.push_back(member.name);
    columns_ = std::make_shared<const ColumnNames>(std::move(names));
  }
  row.start(lines_.line(), columns_);
  row.set_object(members);
  return true;
}

}  // namespace llmtool
