#include "llmtool/tasks/contrastive/data.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/records.h"
#include "llmtool/data/split.h"

namespace llmtool {
namespace {

// A file with one column of texts after the other: each is cut and encoded for itself.
std::vector<RecordFile> read_columns(const std::string& path, const DataOptions& options) {
  std::vector<RecordFile> columns;
  for (const std::string& text : options.text)
    columns.push_back(
        read_records(path, {options.format, options.header, {text}, {}, options.max_rows, options.layout}));
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
void warn_of_equal_texts(const ContrastiveExamples& examples, EventSink& events) {
  if (examples.size() < 2 || examples.columns.size() > 2) return;
  for (std::size_t i = 0; i < examples.columns.size(); ++i)
    if (are_all_equal(examples.columns[i], examples.size()))
      events.warning(examples.name + " data: the column " + quote(examples.column_names[i]) +
                     " has the same text in all " + std::to_string(examples.size()) +
                     " rows, so that no row can be told from another: nothing is learned from them, and figures about "
                     "them say nothing");
}

struct ColumnEncoder {
  const RunConfig& config;
  const RunTokenizer& tokenizer;
  std::int64_t num_threads;
  EventSink& events;

  ContrastiveExamples operator()(const std::vector<RecordFile>& columns, const std::string& name) const {
    ContrastiveExamples examples;
    examples.column_names = config.data.text;
    examples.max_length = *config.tokenizer.max_length;
    examples.name = name;
    examples.path = columns.front().path;
    examples.sha256 = columns.front().sha256;
    for (const Record& record : columns.front().records) examples.lines.push_back(record.line);
    for (const RecordFile& column : columns) {
      for (const Record& record : column.records) examples.num_empty_texts += has_blank_text(record);
      examples.columns.push_back(encode_records(column.records, {}, column.path, tokenizer.tokenizer, config.tokenizer,
                                                num_threads, "tokenizing " + name, events, tokenizer.limits));
    }
    return examples;
  }
};

}  // namespace

std::int64_t ContrastiveExamples::num_truncated() const {
  std::int64_t count = 0;
  for (const EncodedRecords& column : columns) count += column.num_truncated;
  return count;
}

std::int64_t ContrastiveExamples::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  std::int64_t count = 0;
  for (const EncodedRecords& column : columns)
    count += static_cast<std::int64_t>(column.dataset.column<std::int32_t>(kInputIds).row(example).size());
  return columns.size() == 1 ? 2 * count : count;
}

std::string ContrastiveExamples::describe(std::int64_t example) const {
  return path + ":" + std::to_string(lines[static_cast<std::size_t>(example)]);
}

std::vector<std::vector<std::int32_t>> ContrastiveExamples::token_ids(std::int64_t example) const {
  std::vector<std::vector<std::int32_t>> ids;
  for (const EncodedRecords& column : columns) {
    const std::span<const std::int32_t> row = column.dataset.column<std::int32_t>(kInputIds).row(example);
    ids.emplace_back(row.begin(), row.end());
  }
  return ids;
}

ContrastiveViews ContrastiveExamples::views() const {
  ContrastiveViews views;
  views.texts = &columns.front().dataset;
  views.counterparts = columns.size() > 1 ? &columns[1].dataset : views.texts;
  if (columns.size() > 2) views.hard_negatives = &columns[2].dataset;
  return views;
}

DataParts<ContrastiveExamples> read_contrastive_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                                     std::int64_t num_threads, EventSink& events) {
  const ColumnEncoder encode{config, tokenizer, num_threads, events};
  const std::vector<RecordFile> all = read_columns(config.data.train.front(), config.data);
  DataParts<ContrastiveExamples> data;
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

void ContrastiveExamples::log(EventSink& events) const {
  std::int64_t num_tokens = 0;
  for (const EncodedRecords& column : columns) num_tokens += column.num_tokens;
  const std::string rows = std::to_string(size());
  events.info(name + " data: " + rows + " rows of " + path + ", " + std::to_string(num_tokens) + " tokens",
              {{"split", name},
               {"file", path},
               {"num_examples", size()},
               {"num_tokens", num_tokens},
               {"num_truncated", num_truncated()},
               {"num_empty_texts", num_empty_texts}});
  if (num_truncated() > 0)
    events.warning(name + " data: " + std::to_string(num_truncated()) + " texts in " + rows +
                   " rows are longer than tokenizer.max_length " + std::to_string(max_length) + " and were cut");
  if (num_empty_texts > 0)
    events.warning(name + " data: " + std::to_string(num_empty_texts) + " texts are empty; they are kept");
  warn_of_equal_texts(*this, events);
}

}  // namespace llmtool
