#include "llmtool/formats/jsonl_reader.h"

#include <utility>

namespace llmtool {
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
