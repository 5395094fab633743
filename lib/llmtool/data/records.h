#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/data/options.h"
#include "llmtool/formats/table_layout.h"

namespace llmtool {

class RowReader;

// Place of a column among those of an open file. `role` is "text" or "label"; `advice` ends the message, by default how
// to name another in a config or by option. Throws DataError that lists the columns present, the nearest name and what
// separates them; also for a name that several columns of the header have.
std::size_t column_index(const RowReader& reader, const std::string& column, const std::string& role,
                         const std::string& advice = "");

// One row of a data file.
struct Record {
  std::int64_t row = 0;   // among the data rows, from 0
  std::int64_t line = 0;  // where it starts in the file, from 1
  std::string text;
  std::string text_pair;
  bool has_pair = false;
  std::string label;  // as written; "" when no label column was asked for, or for a row without label
};

// Which columns of a file make a record.
struct RecordColumns {
  FileFormat format = FileFormat::kAuto;
  bool header = true;
  std::vector<std::string> text = {"text"};  // one, or two for pairs
  std::optional<std::string> label = "label";
  std::optional<std::int64_t> max_rows;
  TableLayout layout = {};
  bool keeps_unlabelled = false;  // a row without label is no error

  static RecordColumns from(const DataOptions& options);
};

// A data file in memory.
struct RecordFile {
  std::string path;
  std::vector<Record> records;
  // Rows in which a text is empty or only white space. They are kept.
  std::int64_t num_empty_texts = 0;
  std::string sha256;  // of the file's bytes; "" of what can be read only once
};

// Reads a whole file (max_rows: its beginning). JSONL: a text must be a string; a label may be a string, a number (its
// name is what stands in the file) or a boolean ("true" or "false"); null and NaN are no label. Throws DataError with
// file and line: a column that does not exist (lists those present), a text that is no string, an empty or missing
// label, no rows, malformed content; ResourceError when the file cannot be read.
RecordFile read_records(const std::string& path, const RecordColumns& columns);

// Empty or only ASCII white space.
bool is_blank(std::string_view text);

// The text, or either text of the pair, is blank.
bool has_blank_text(const Record& record);

}  // namespace llmtool
