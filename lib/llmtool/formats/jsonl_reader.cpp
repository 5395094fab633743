#include "llmtool/formats/jsonl_reader.h"

#include <utility>

namespace llmtool {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

JsonlReader::JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : LineRowReader(std::move(source), options) {
  if (!read_ahead()) throw DataError(name() + ": the file has no JSON object that can be read");
}

Json JsonlReader::parse_line() const {
  const std::string_view text = lines_.text();
  try {
    Json value = parse_json(text, name(), ExitCode::kData, lines_.line());
    if (value.is_object()) return value;
  } catch (const Error& error) {
    const bool opens_array = lines_.line() == 1 && text.starts_with('[');
    throw BadRow(std::string(error.what()) + (opens_array ? "; JSONL is one object a line: jq -c '.[]'" : ""));
  }
  throw BadRow({name(), lines_.line()}, "each line must be a JSON object such as {\"text\": \"…\"}");
}

bool JsonlReader::read(Row& row) {
  do {
    if (!lines_.next()) return false;
  } while (is_blank(lines_.text()));
  require_valid_text();
  Json object = parse_line();
  if (!columns_) {
    ColumnNames names;
    for (const auto& entry : object.items()) names.push_back(entry.key());
    columns_ = std::make_shared<const ColumnNames>(std::move(names));
  }
  row.start(lines_.line(), columns_);
  row.set_object(std::move(object));
  return true;
}

}  // namespace llmtool
