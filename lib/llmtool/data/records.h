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
  // As RecordColumns::label_form says; empty when no label column was asked for, or for a row without label.
  std::vector<std::string> labels = {};  // names, as written
  std::vector<double> numbers = {};      // finite; one a label column

  // The name of a row that has one; "" for a row without.
  std::string_view label() const { return labels.empty() ? std::string_view() : labels.front(); }
};

// What stands in the label columns of a row.
enum class LabelForm {
  // One column with a name.
  kName,
  // One column with any number of names: a JSON list, or a text with a separator between them. Or several columns, each
  // a name that the row has where the cell is 1 and has not where it is 0.
  kNames,
  // A number in every column.
  kNumbers,
};

// Which columns of a file make a record.
struct RecordColumns {
  FileFormat format = FileFormat::kAuto;
  bool header = true;
  std::vector<std::string> text = {"text"};     // one, or two for pairs
  std::vector<std::string> labels = {"label"};  // empty: none
  std::optional<std::int64_t> max_rows;
  TableLayout layout = {};
  bool keeps_unlabelled = false;  // a row without label is no error
  LabelForm label_form = LabelForm::kName;
  std::string label_separator = ",";  // kNames: between the names of a text; white space around a name does not count

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
// name is what stands in the file) or a boolean ("true" or "false"); null and NaN are no label. An empty list or text
// of kNames is a row that has none of the labels, which is not a row without label. Throws DataError with file and
// line: a column that does not exist (lists those present), a text that is no string, an empty or missing label, one of
// another form, no rows, malformed content; ResourceError when the file cannot be read.
RecordFile read_records(const std::string& path, const RecordColumns& columns);

// Empty or only ASCII white space.
bool is_blank(std::string_view text);

// The text, or either text of the pair, is blank.
bool has_blank_text(const Record& record);

}  // namespace llmtool
