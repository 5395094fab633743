#include "llmtool/commands/rejected_rows.h"

#include <string_view>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

std::unique_ptr<RowWriter> open_rejects(const std::string& path) {
  const FileFormat format = resolve_file_format(path, FileFormat::kAuto);
  if (format != FileFormat::kCsv && format != FileFormat::kJsonl)
    throw UsageError(path + ": rejected rows may hold tabs and line breaks; name a .csv or .jsonl file");
  WriteOptions options;
  options.columns = {"line", "reason", "raw"};
  return create_rows(path, options);
}

// Well-formed UTF-8: every byte that is not becomes U+FFFD.
std::string in_utf8(std::string_view bytes) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::string text;
  while (const auto invalid = find_invalid_utf8(bytes)) {
    text.append(bytes.substr(0, *invalid));
    append_utf8(kReplacement, text);
    bytes.remove_prefix(*invalid + 1);
  }
  return text.append(bytes);
}

}  // namespace

RejectWriter::RejectWriter(const std::string& path) : writer_(open_rejects(path)) {}

void RejectWriter::add(std::int64_t line, const std::string& reason, const std::string& raw) {
  ++num_rows_;
  writer_->write({{"line", line == 0 ? Json() : Json(line)}, {"reason", in_utf8(reason)}, {"raw", in_utf8(raw)}});
}

void RejectWriter::add(std::int64_t line, const std::string& reason, const RowValues& values) {
  std::string object;
  for (const auto& [name, value] : values) {
    object.append(object.empty() ? "{" : ",").append(to_json_text(name)).append(":");
    value.append_json(object);
  }
  add(line, reason, object + "}");
}

}  // namespace llmtool
