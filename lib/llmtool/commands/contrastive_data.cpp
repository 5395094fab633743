#include "llmtool/commands/contrastive_data.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/blank_text.h"
#include "llmtool/data/records.h"
#include "llmtool/data/split.h"

namespace llmtool {
namespace {

// A file with one column of texts after the other: each is cut and encoded for itself.
std::vector<RecordFile> read_columns(const std::string& path, const DataOptions& options) {
  std::vector<RecordFile> columns;
  for (const std::string& text : options.text)
    columns.push_back(
        read_records(path, {options.format, options.header, {text}, std::nullopt, options.max_rows, options.layout}));
  return columns;
}

// The rows of `column` that `chosen` has.
RecordFile rows_like(const RecordFile& chosen, const RecordFile& column) {
  RecordFile part{column.path, {}, 0, column.sha256};
  for (const Record& record : chosen.records)
    part.records.push_back(column.records[static_cast<std::size_t>(record.row)]);
  return part;
}

struct SplitColumns {
  std::vector<RecordFile> training;
  std::vector<RecordFile> validation;
};

SplitColumns split_columns(const std::vector<RecordFile>& columns, double share, std::uint64_t seed) {
  const TrainingAndValidation texts = split_by_share(columns.front(), share, seed);
  SplitColumns parts;
  for (const RecordFile& column : columns) {
    parts.training.push_back(rows_like(texts.training, column));
    parts.validation.push_back(rows_like(texts.validation, column));
  }
  return parts;
}

// As far as they are read: what is behind tokenizer.max_length makes no difference.
bool are_all_equal(const EncodedRecords& column, std::int64_t num_rows) {
  const auto& ids = column.dataset.column<std::int32_t>(kInputIds);
  const auto first = ids.row(0);
  for (std::int64_t row = 1; row < num_rows; ++row) {
    const auto other = ids.row(row);
    if (!std::equal(first.begin(), first.end(), other.begin(), other.end())) return false;
  }
  return true;
}

// Where the texts or all that they are compared with are the same in every row, none can be told from another. Hard
// negatives can be told from the counterpart in any case.
void warn_of_equal_texts(const ContrastiveSplit& split, const std::vector<std::string>& names, EventSink& events) {
  if (split.num_rows() < 2 || split.columns.size() > 2) return;
  for (std::size_t i = 0; i < split.columns.size(); ++i)
    if (are_all_equal(split.columns[i], split.num_rows()))
      events.warning(split.name + " data: the column " + quote(names[i]) + " has the same text in all " +
                     std::to_string(split.num_rows()) +
                     " rows, so that no row can be told from another: nothing is learned from them, and figures about "
                     "them say nothing");
}

struct ColumnEncoder {
  const RunConfig& config;
  const RunTokenizer& tokenizer;
  std::int64_t num_threads;
  EventSink& events;

  ContrastiveSplit operator()(const std::vector<RecordFile>& columns, const std::string& name) const {
    ContrastiveSplit split;
    split.name = name;
    split.path = columns.front().path;
    split.sha256 = columns.front().sha256;
    for (const Record& record : columns.front().records) split.lines.push_back(record.line);
    for (const RecordFile& column : columns) {
      for (const Record& record : column.records) split.num_empty_texts += has_blank_text(record);
      split.columns.push_back(encode_records(column.records, {}, column.path, tokenizer.tokenizer, config.tokenizer,
                                             num_threads, "tokenizing " + name, events, tokenizer.limits));
    }
    return split;
  }
};

}  // namespace

std::int64_t ContrastiveSplit::num_truncated() const {
  std::int64_t count = 0;
  for (const EncodedRecords& column : columns) count += column.num_truncated;
  return count;
}

std::int64_t ContrastiveSplit::num_tokens(std::int64_t row) const {
  std::int64_t count = 0;
  for (const EncodedRecords& column : columns)
    count += static_cast<std::int64_t>(column.dataset.column<std::int32_t>(kInputIds).row(row).size());
  return columns.size() == 1 ? 2 * count : count;
}

ContrastiveViews ContrastiveSplit::views() const {
  ContrastiveViews views;
  views.texts = &columns.front().dataset;
  views.counterparts = columns.size() > 1 ? &columns[1].dataset : views.texts;
  if (columns.size() > 2) views.hard_negatives = &columns[2].dataset;
  return views;
}

ContrastiveData prepare_contrastive_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                         std::int64_t num_threads, EventSink& events) {
  const ColumnEncoder encode{config, tokenizer, num_threads, events};
  const std::vector<RecordFile> all = read_columns(config.data.train.front(), config.data);
  ContrastiveData data;
  if (const auto& validation = config.data.validation; validation && validation->share) {
    const SplitColumns parts = split_columns(all, *validation->share, static_cast<std::uint64_t>(config.seed));
    data.training = encode(parts.training, "training");
    data.validation = encode(parts.validation, "validation");
  } else {
    data.training = encode(all, "training");
    if (validation) data.validation = encode(read_columns(validation->file, config.data), "validation");
  }
  if (config.data.test) data.test = encode(read_columns(*config.data.test, config.data), "test");
  return data;
}

void log_split(const ContrastiveSplit& split, const RunConfig& config, EventSink& events) {
  std::int64_t num_tokens = 0;
  for (const EncodedRecords& column : split.columns) num_tokens += column.num_tokens;
  const std::string rows = std::to_string(split.num_rows());
  events.info(split.name + " data: " + rows + " rows of " + split.path + ", " + std::to_string(num_tokens) + " tokens",
              {{"split", split.name},
               {"file", split.path},
               {"num_examples", split.num_rows()},
               {"num_tokens", num_tokens},
               {"num_truncated", split.num_truncated()},
               {"num_empty_texts", split.num_empty_texts}});
  if (split.num_truncated() > 0)
    events.warning(split.name + " data: " + std::to_string(split.num_truncated()) + " texts in " + rows +
                   " rows are longer than tokenizer.max_length " + std::to_string(*config.tokenizer.max_length) +
                   " and were cut");
  if (split.num_empty_texts > 0)
    events.warning(split.name + " data: " + std::to_string(split.num_empty_texts) + " texts are empty; they are kept");
  warn_of_equal_texts(split, config.data.text, events);
}

}  // namespace llmtool
