#include "llmtool/formats/line_row_reader.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// Signatures of files that people take for tables.
constexpr std::array kSignatures{
    std::pair{std::string_view("PK\x03\x04"),
              "a zip file or Excel workbook; save the sheet as CSV (UTF-8) or unpack it"},
    std::pair{std::string_view("\xd0\xcf\x11\xe0"), "an old Excel or Office file; save the sheet as CSV (UTF-8)"},
    std::pair{std::string_view("PAR1"), "a Parquet file; export it as CSV or JSONL"},
    std::pair{std::string_view("BZh"), "bzip2-compressed; decompress it with bunzip2, or use gzip"},
    std::pair{std::string_view("\xfd"
                               "7zXZ"),
              "xz-compressed; decompress it with unxz, or use gzip"},
    std::pair{std::string_view("\x28\xb5\x2f\xfd"), "zstd-compressed; decompress it with unzstd, or use gzip"}};

std::string how_to_convert(const std::string& name, const char* encoding) {
  return std::string("; convert it: iconv -f ") + encoding + " -t UTF-8 " + quote(name) + " > NEW_FILE";
}

}  // namespace

void require_text(std::string_view first_bytes, const std::string& name) {
  for (const auto& [signature, description] : kSignatures)
    if (first_bytes.starts_with(signature)) throw DataError(name + ": not a text file: it is " + description);
  if (first_bytes.starts_with("\xff\xfe") || first_bytes.starts_with("\xfe\xff"))
    throw DataError(name + ": the file is UTF-16 text (it starts with a UTF-16 byte order mark)" +
                    how_to_convert(name, "UTF-16"));
  const std::string_view sample = first_bytes.substr(0, 4096);
  const auto num_nul = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\0'));
  // English text in UTF-16 is half NUL bytes; a stray NUL in a text file is an error of its row only.
  if (num_nul > sample.size() / 8)
    throw DataError(name + ": the file looks like UTF-16 text or binary data (it is full of NUL bytes)" +
                    how_to_convert(name, "UTF-16"));
}

namespace {

constexpr std::size_t kBlockSize = 1 << 18;
constexpr std::size_t kSampleSize = 4096;
constexpr std::size_t kMostAhead = 1 << 16;  // fits a block, so that the buffer need not grow for it
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

LineSource::LineSource(std::unique_ptr<ByteSource> bytes, std::size_t longest)
    : bytes_(std::move(bytes)), longest_(longest), buffer_(kBlockSize) {
  // One line is enough to judge: a stream may have no more for now.
  while (filled_ < kSampleSize && std::memchr(buffer_.data(), '\n', filled_) == nullptr && fill()) {
  }
  const std::string_view start(buffer_.data(), filled_);
  require_text(start, name());
  if (start.starts_with(kByteOrderMark)) end_ = kByteOrderMark.size();
  if (end_ == filled_) throw DataError(name() + ": the file is empty");
}

std::string_view LineSource::first_lines(std::size_t count, bool& is_whole) {
  std::size_t end = end_;
  for (std::size_t found = 0; found < count;) {
    if (const void* line_end = std::memchr(buffer_.data() + end, '\n', filled_ - end)) {
      end = static_cast<std::size_t>(static_cast<const char*>(line_end) - buffer_.data()) + 1;
      ++found;
    } else if (filled_ - end_ >= kMostAhead || !fill()) {
      end = filled_;
      break;
    }
  }
  is_whole = at_end_ && end == filled_;
  return {buffer_.data() + end_, end - end_};
}

// Reads more bytes behind what the buffer holds, keeping the current text; false at the end of the input.
bool LineSource::fill() {
  if (at_end_) return false;
  if (filled_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
    base_offset_ += static_cast<std::int64_t>(begin_);
    filled_ -= begin_;
    end_ -= begin_;
    first_line_end_ -= begin_;
    begin_ = 0;
    if (filled_ > buffer_.size() / 2) buffer_.resize(buffer_.size() * 2);
  }
  const std::size_t count = bytes_->read(buffer_.data() + filled_, buffer_.size() - filled_);
  filled_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

// Moves end_ behind the next line end; false when there is no further line or it makes the text too long.
bool LineSource::find_line_end() {
  std::size_t searched = end_ - begin_;
  is_too_long_ = false;
  for (;;) {
    const std::size_t from = begin_ + searched;
    const void* found = std::memchr(buffer_.data() + from, '\n', filled_ - from);
    const std::size_t end =
        found == nullptr ? filled_ : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
    if (end - begin_ > longest_) {
      is_too_long_ = true;
      return false;
    }
    if (found != nullptr) {
      end_ = end;
      return true;
    }
    searched = filled_ - begin_;
    if (!fill()) break;
  }
  const bool any = end_ < filled_;
  end_ = filled_;
  return any;
}

bool LineSource::next() {
  begin_ = first_line_end_ = end_;
  line_ += line_ == 0 ? 1 : num_lines_;
  num_lines_ = 1;
  if (!find_line_end()) {
    if (is_too_long())
      throw DataError({name(), line_}, "the line is longer than " + std::to_string(longest_ >> 20) +
                                           " MiB (data.max_row_mib, --max-row-mib); is this a text file with line "
                                           "breaks?");
    return false;
  }
  first_line_end_ = end_;
  return true;
}

bool LineSource::extend() {
  if (!find_line_end()) return false;
  ++num_lines_;
  return true;
}

void LineSource::keep_first_line() {
  end_ = first_line_end_;
  num_lines_ = 1;
}

std::string_view LineSource::text() const {
  std::string_view text(buffer_.data() + begin_, end_ - begin_);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

SourcePosition LineSource::position(std::size_t place) const {
  const std::string_view before(buffer_.data() + begin_, place);
  const std::size_t line_start = before.find_last_of('\n') + 1;
  return {name(), line_ + std::count(before.begin(), before.end(), '\n'),
          static_cast<std::int64_t>(count_code_points(before.substr(line_start))) + 1};
}

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
