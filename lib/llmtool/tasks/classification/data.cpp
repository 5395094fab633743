#include "llmtool/tasks/classification/data.h"

#include <cstdio>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/label_assignment.h"
#include "llmtool/data/split.h"

namespace llmtool {
namespace {

// More labels than this are not listed one by one.
constexpr std::int64_t kMostLabelsLogged = 12;

DataParts<RecordFile> read_parts(const RunConfig& config) {
  const RecordColumns columns = RecordColumns::from(config.data);
  DataParts<RecordFile> parts{read_records(config.data.train.front(), columns), std::nullopt, std::nullopt};
  if (const auto& validation = config.data.validation; validation && validation->share) {
    auto [training, held_out] =
        split_by_share(std::move(parts.training), *validation->share, static_cast<std::uint64_t>(config.seed));
    parts.training = std::move(training);
    parts.validation = std::move(held_out);
  } else if (validation) {
    parts.validation = read_records(validation->file, columns);
  }
  if (config.data.test) parts.test = read_records(*config.data.test, columns);
  return parts;
}

struct Encoder {
  const RunConfig& config;
  const LabelSet& labels;
  const RunTokenizer& tokenizer;
  std::int64_t num_threads;
  EventSink& events;

  LabelledExamples operator()(RecordFile file, const std::string& name) const {
    LabelledExamples examples;
    examples.name = name;
    examples.path = file.path;
    examples.sha256 = file.sha256;
    examples.num_empty_texts = file.num_empty_texts;
    examples.max_length = *config.tokenizer.max_length;
    LabelledRecords rows = assign_labels(std::move(file), labels, config.data.unknown_label);
    examples.encoded = encode_records(rows.records, rows.label_ids, examples.path, tokenizer.tokenizer,
                                      config.tokenizer, num_threads, "tokenizing " + name, events, tokenizer.limits);
    for (const Record& record : rows.records) examples.lines.push_back(record.line);
    examples.labels = labels;
    examples.num_of_label = std::move(rows.num_examples);
    examples.labels_are_ids = rows.labels_are_ids;
    examples.num_skipped = rows.num_skipped;
    return examples;
  }
};

std::string percent(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::string label_counts(const LabelledExamples& examples) {
  std::string text;
  for (std::int64_t id = 0; id < examples.labels.size() && id < kMostLabelsLogged; ++id)
    text += (id == 0 ? "" : ", ") + examples.labels.name(id) + " " +
            std::to_string(examples.num_of_label[static_cast<std::size_t>(id)]);
  if (examples.labels.size() > kMostLabelsLogged) text += ", … (" + std::to_string(examples.labels.size()) + " labels)";
  return text;
}

Json log_fields(const LabelledExamples& examples) {
  Json counts = Json::object();
  for (std::int64_t id = 0; id < examples.labels.size(); ++id)
    counts[examples.labels.name(id)] = examples.num_of_label[static_cast<std::size_t>(id)];
  return {{"split", examples.name},
          {"file", examples.path},
          {"num_examples", examples.size()},
          {"num_tokens", examples.encoded.num_tokens},
          {"num_truncated", examples.encoded.num_truncated},
          {"num_empty_texts", examples.num_empty_texts},
          {"num_skipped", examples.num_skipped},
          {"labels_are_ids", examples.labels_are_ids},
          {"labels", counts}};
}

}  // namespace

std::int64_t LabelledExamples::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return static_cast<std::int64_t>(encoded.dataset.column<std::int32_t>(kInputIds).row(example).size());
}

std::string LabelledExamples::describe(std::int64_t example) const {
  return path + ":" + std::to_string(lines[static_cast<std::size_t>(example)]);
}

std::vector<std::vector<std::int32_t>> LabelledExamples::token_ids(std::int64_t example) const {
  const std::span<const std::int32_t> ids = encoded.dataset.column<std::int32_t>(kInputIds).row(example);
  return {{ids.begin(), ids.end()}};
}

void LabelledExamples::log(EventSink& events) const {
  events.info(name + " data: " + std::to_string(size()) + " rows of " + path + ", " +
                  std::to_string(encoded.num_tokens) + " tokens; labels: " + label_counts(*this),
              log_fields(*this));
  if (labels_are_ids) events.info(describe_label_ids(path, labels));
  if (encoded.num_truncated > 0)
    events.warning(name + " data: " + std::to_string(encoded.num_truncated) + " of " + std::to_string(size()) +
                   " texts (" + percent(encoded.num_truncated, size()) + ") are longer than tokenizer.max_length " +
                   std::to_string(max_length) + " and were cut; the longest has " + std::to_string(encoded.longest) +
                   " tokens");
  if (num_empty_texts > 0)
    events.warning(name + " data: " + std::to_string(num_empty_texts) + " texts are empty; they are kept");
  if (num_skipped > 0)
    events.warning(name + " data: " + std::to_string(num_skipped) + " rows with unknown labels or none were left out");
}

ClassificationData read_classification_data(const RunConfig& config, const LabelSet& head,
                                            const RunTokenizer& tokenizer, std::int64_t num_threads,
                                            EventSink& events) {
  DataParts<RecordFile> files = read_parts(config);
  ClassificationData data;
  data.choice = choose_labels(files.training, config.data.labels, head);
  for (const std::string& doubt : describe_doubtful_labels(data.choice.labels, config.data.label.front()))
    events.warning("training data: " + doubt);
  const Encoder encode{config, data.choice.labels, tokenizer, num_threads, events};
  data.parts.training = encode(std::move(files.training), "training");
  if (files.validation) data.parts.validation = encode(std::move(*files.validation), "validation");
  if (files.test) data.parts.test = encode(std::move(*files.test), "test");
  return data;
}

}  // namespace llmtool
