#include "llmtool/commands/config_proposal.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "llmtool/config/writer.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/task_table.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {
namespace {

constexpr std::size_t kMostRows = 100'000;
// Rows whose length is measured, spread evenly: files are often sorted by label.
constexpr std::size_t kMeasuredRows = 4000;
constexpr double kUncutShare = 0.99;
constexpr std::int64_t kLengthStep = 8;
constexpr std::int64_t kMostPositions = 512;

using Name = std::string_view;
constexpr auto kTextNames = std::to_array<Name>({"text", "sentence", "review", "content", "comment", "body", "message",
                                                 "tweet", "query", "utterance", "document", "title"});
constexpr auto kLabelNames =
    std::to_array<Name>({"label", "category", "class", "target", "sentiment", "intent", "topic", "labels", "score"});
constexpr auto kPairNames = std::to_array<std::pair<Name, Name>>({{"question", "sentence"},
                                                                  {"sentence1", "sentence2"},
                                                                  {"premise", "hypothesis"},
                                                                  {"question1", "question2"},
                                                                  {"text_a", "text_b"},
                                                                  {"question", "answer"},
                                                                  {"query", "passage"}});

struct Sample {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> cells;  // by column, then row
  std::size_t num_rows = 0;
};

Sample read_sample(const std::string& path) {
  const auto reader = open_rows(path);
  Sample sample{reader->columns(), std::vector<std::vector<std::string>>(reader->columns().size()), 0};
  Row row;
  while (sample.num_rows < kMostRows && reader->next(row)) {
    for (std::size_t column = 0; column < sample.columns.size(); ++column)
      sample.cells[column].emplace_back(row.cell(column));
    ++sample.num_rows;
  }
  if (sample.num_rows == 0) throw DataError({path}, "there are no rows to propose a config from");
  return sample;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char byte) { return std::tolower(byte); });
  return text;
}

std::optional<std::size_t> find_column(const Sample& sample, Name name) {
  for (std::size_t column = 0; column < sample.columns.size(); ++column)
    if (lower_case(sample.columns[column]) == name) return column;
  return std::nullopt;
}

std::optional<std::size_t> find_any_column(const Sample& sample, std::span<const Name> names) {
  for (const Name name : names)
    if (const auto column = find_column(sample, name)) return column;
  return std::nullopt;
}

double mean_length(const std::vector<std::string>& cells) {
  std::size_t total = 0;
  for (const std::string& cell : cells) total += count_code_points(cell);
  return static_cast<double>(total) / static_cast<double>(cells.size());
}

std::size_t num_distinct(const std::vector<std::string>& cells) {
  return std::set<std::string>(cells.begin(), cells.end()).size();
}

// A pair known by its names, else a text column by name, else the column with the longest cells.
std::vector<std::size_t> choose_text(const Sample& sample, std::optional<std::size_t> label) {
  for (const auto& [first, second] : kPairNames) {
    const auto first_column = find_column(sample, first);
    const auto second_column = find_column(sample, second);
    if (first_column && second_column) return {*first_column, *second_column};
  }
  if (const auto column = find_any_column(sample, kTextNames); column && column != label) return {*column};
  std::optional<std::size_t> longest;
  for (std::size_t column = 0; column < sample.columns.size(); ++column) {
    if (column == label) continue;
    if (!longest || mean_length(sample.cells[column]) > mean_length(sample.cells[*longest])) longest = column;
  }
  return longest ? std::vector<std::size_t>{*longest} : std::vector<std::size_t>{};
}

// The column with the fewest distinct values (at least two) that is no text and repeats its values.
std::optional<std::size_t> choose_label_by_content(const Sample& sample, const std::vector<std::size_t>& text) {
  std::optional<std::size_t> best;
  std::size_t fewest = sample.num_rows / 2 + 1;
  for (std::size_t column = 0; column < sample.columns.size(); ++column) {
    if (std::find(text.begin(), text.end(), column) != text.end()) continue;
    const std::size_t distinct = num_distinct(sample.cells[column]);
    if (distinct >= 2 && distinct < fewest) {
      fewest = distinct;
      best = column;
    }
  }
  return best;
}

// Tokens of the longest text the model has positions for; 512 for a folder with a tokenizer alone.
std::int64_t position_limit(const std::string& model) {
  const std::string file = model_config_path(model);
  if (!path_exists(file)) return kMostPositions;
  const Json config = read_model_config(model);
  return find_family(config, file).dimensions(config, file).num_positions;
}

// The length that leaves 99 % of the sample uncut, rounded up, within the model's positions.
std::int64_t propose_max_length(const Sample& sample, const std::vector<std::size_t>& text, const std::string& model) {
  const Tokenizer tokenizer = Tokenizer::load(model);
  std::vector<std::int64_t> lengths;
  Encoding encoding;
  const std::size_t stride = std::max<std::size_t>(1, sample.num_rows / kMeasuredRows);
  for (std::size_t row = 0; row < sample.num_rows; row += stride) {
    std::optional<std::string_view> pair;
    if (text.size() > 1) pair = sample.cells[text[1]][row];
    tokenizer.encode_into(sample.cells[text[0]][row], pair, {}, encoding);
    lengths.push_back(static_cast<std::int64_t>(encoding.ids.size()));
  }
  std::sort(lengths.begin(), lengths.end());
  const auto index = static_cast<std::size_t>(kUncutShare * static_cast<double>(lengths.size() - 1));
  const std::int64_t rounded = (lengths[index] + kLengthStep - 1) / kLengthStep * kLengthStep;
  return std::min(rounded, position_limit(model));
}

std::string comment_for(const std::string& key, const ConfigProposal& proposal) {
  if (key == "tokenizer.max_length") return "99 % of the texts are not longer; longer texts are cut and counted";
  if (key == "data.validation") return "a file, or a share of the training data";
  if (key == "data.text") return "column of the text, or two columns for pairs: [question, sentence]";
  if (key == "data.label")
    return std::to_string(proposal.num_labels) + " different values in " + std::to_string(proposal.num_rows) + " rows";
  if (key == "training.epochs") return "or max_steps";
  if (key == "training.schedule") return "warmup: below 1 a share of all steps, from 1 on steps";
  if (key == "evaluation") return "the checkpoint with the best metric becomes the model";
  return "";
}

std::string write_yaml(const TaskRow& task, const ConfigProposal& proposal, const ConfigProposalRequest& request) {
  Json config = {{"task", enum_name(task.kind)}, {"model", {{"from", request.model}}}};
  if (proposal.max_length) config["tokenizer"] = {{"max_length", *proposal.max_length}};
  Json& data = config["data"] = {{"train", request.data}, {"validation", 0.1}};
  if (!proposal.text.empty()) {
    data["text"] = proposal.text.size() == 1 ? Json(proposal.text.front()) : Json(proposal.text);
    data["label"] = proposal.label;
  }
  config["training"] = {{"epochs", 3},
                        {"batch_size", 32},
                        {"optimizer", {{"name", "adamw"}, {"learning_rate", 5e-5}, {"weight_decay", 0.01}}},
                        {"schedule", {{"name", "linear"}, {"warmup", 0.1}}}};
  config["evaluation"] = {{"every", "epoch"}, {"metric", task.default_metric}};
  config["seed"] = 42;
  const YamlStyle style{.comment_above = [&](const std::string& path) { return comment_for(path, proposal); }};
  return "# Run it with: llmtool finetune <this file>. Every key: llmtool config describe\n" +
         json_to_yaml(config, style);
}

bool has_columns(const std::vector<std::string>& present, const std::vector<std::string>& own) {
  return std::ranges::all_of(
      own, [&](const std::string& name) { return std::ranges::find(present, name) != present.end(); });
}

// The task whose data is known by its layout or the names of its columns; null where any columns will do.
const TaskRow* task_of_layout(const std::string& path) {
  const FileFormat format = resolve_file_format(path, FileFormat::kAuto);
  std::vector<std::string> columns;
  if (format != FileFormat::kConll) columns = open_rows(path)->columns();
  const auto found = std::ranges::find_if(task_table(), [&](const TaskRow& row) {
    if (row.has_layout != nullptr && row.has_layout(format, columns)) return true;
    return !row.text_columns.empty() && has_columns(columns, row.text_columns) &&
           has_columns(columns, row.label_columns);
  });
  return found == task_table().end() ? nullptr : &*found;
}

// The task of such labels; classification takes any.
const TaskRow& task_of_labels(const std::vector<std::string>& values) {
  const auto found = std::ranges::find_if(
      task_table(), [&](const TaskRow& row) { return row.has_labels != nullptr && row.has_labels(values); });
  return found == task_table().end() ? task_table().front() : *found;
}

}  // namespace

ConfigProposal propose_config(const ConfigProposalRequest& request) {
  if (const TaskRow* task = task_of_layout(request.data)) {
    require_model_directory(request.model);
    ConfigProposal proposal;
    proposal.yaml = write_yaml(*task, proposal, request);
    return proposal;
  }
  const Sample sample = read_sample(request.data);
  auto label = find_any_column(sample, kLabelNames);
  const std::vector<std::size_t> text = choose_text(sample, label);
  if (!label) label = choose_label_by_content(sample, text);
  if (text.empty() || !label)
    throw DataError({request.data}, "cannot tell which column holds the text and which the label; the columns are: " +
                                        listed(sample.columns) + ". Write data.text and data.label yourself.");
  ConfigProposal proposal;
  for (const std::size_t column : text) proposal.text.push_back(sample.columns[column]);
  proposal.label = sample.columns[*label];
  proposal.num_rows = static_cast<std::int64_t>(sample.num_rows);
  proposal.num_labels = static_cast<std::int64_t>(num_distinct(sample.cells[*label]));
  proposal.max_length = propose_max_length(sample, text, request.model);
  proposal.yaml = write_yaml(task_of_labels(sample.cells[*label]), proposal, request);
  return proposal;
}

}  // namespace llmtool
