#include "llmtool/data/document_reader.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/records.h"

namespace llmtool {

DocumentReader::DocumentReader(const DocumentSource& source) : source_(source) {}

bool DocumentReader::next(Document& document) {
  while (rows_ || open_next_file()) {
    document.clear();
    document.file = num_opened_ - 1;
    if (has_lines_ ? read_line_document(document) : read_row_document(document)) return true;
    rows_.reset();
  }
  return false;
}

bool DocumentReader::open_next_file() {
  if (num_opened_ == source_.files.size()) return false;
  const std::string& file = source_.files[num_opened_++];
  has_lines_ = resolve_file_format(file, source_.format) == FileFormat::kText;
  rows_ =
      open_rows(file, {.format = source_.format, .header = source_.header, .on_bad_row = {}, .layout = source_.layout});
  column_ = has_lines_ ? 0 : column_index(*rows_, source_.column, "text");
  return true;
}

bool DocumentReader::next_row() { return rows_->next(row_); }

std::string_view DocumentReader::text_of_row() const {
  const SourcePosition position{rows_->name(), row_.line(), 0};
  if (!row_.has(column_)) throw DataError(position, "the text " + quote(source_.column) + " is missing or null");
  if (row_.kind(column_) != JsonKind::kString)
    throw DataError(position,
                    "the text " + quote(source_.column) + " is " + describe(row_.kind(column_)) + ", not a string");
  return row_.cell(column_);
}

bool DocumentReader::read_row_document(Document& document) {
  while (next_row()) {
    document.clear();
    append_line(text_of_row(), document);
    if (!is_blank(document.text)) return true;
    ++num_blank_;
  }
  return false;
}

bool DocumentReader::read_line_document(Document& document) {
  while (next_row()) {
    const std::string_view line = row_.cell(0);
    if (source_.unit == DocumentUnit::kLine) {
      append_line(line, document);
      if (!is_blank(line)) return true;
      ++num_blank_;
      document.clear();
    } else if (source_.unit == DocumentUnit::kFile || !is_blank(line)) {
      append_line(line, document);
    } else if (document.line > 0) {
      return true;
    }
  }
  if (document.line == 0) return false;
  if (!is_blank(document.text)) return true;
  ++num_blank_;  // a whole file
  return false;
}

void DocumentReader::append_line(std::string_view line, Document& document) const {
  if (document.line == 0) {
    document.line = row_.line();
  } else {
    document.text += '\n';
  }
  document.text += line;
  if (document.text.size() > kLongestDocument)
    throw DataError(SourcePosition{rows_->name(), document.line, 0},
                    "the document that starts here is longer than " + std::to_string(kLongestDocument >> 20) +
                        " MiB; split it" +
                        (source_.unit == DocumentUnit::kLine ? "" : ", or let data.document be line"));
}

std::vector<std::string> expand_file_patterns(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    if (path_exists(pattern)) {  // also of a name such as "a[1].txt"
      files.push_back(pattern);
      continue;
    }
    glob_t matches{};
    const int outcome = glob(pattern.c_str(), 0, nullptr, &matches);
    for (std::size_t i = 0; outcome == 0 && i < matches.gl_pathc; ++i) files.emplace_back(matches.gl_pathv[i]);
    globfree(&matches);
    if (outcome == 0) continue;
    if (pattern.find_first_of("*?[") != std::string::npos) throw DataError("no file matches " + quote(pattern));
    files.push_back(pattern);  // opening it will say what is wrong
  }
  return files;
}

}  // namespace llmtool
