#include "llmtool/commands/classification_data.h"

#include <cstdio>
#include <utility>

#include "llmtool/data/doubtful_labels.h"
#include "llmtool/data/split.h"

namespace llmtool {
namespace {

// More labels than this are not listed one by one.
constexpr std::int64_t kMostLabelsLogged = 12;

struct RawSplits {
  RecordFile training;
  std::optional<RecordFile> validation;
  std::optional<RecordFile> test;
};

RawSplits read_splits(const RunConfig& config) {
  const RecordColumns columns = RecordColumns::from(config.data);
  RawSplits splits{read_records(config.data.train.front(), columns), std::nullopt, std::nullopt};
  if (const auto& validation = config.data.validation; validation && validation->share) {
    auto [training, held_out] =
        split_by_share(std::move(splits.training), *validation->share, static_cast<std::uint64_t>(config.seed));
    splits.training = std::move(training);
    splits.validation = std::move(held_out);
  } else if (validation) {
    splits.validation = read_records(validation->file, columns);
  }
  if (config.data.test) splits.test = read_records(*config.data.test, columns);
  return splits;
}

struct SplitEncoder {
  const RunConfig& config;
  const LabelSet& labels;
  const RunTokenizer& tokenizer;
  std::int64_t num_threads;
  EventSink& events;

  EncodedSplit operator()(RecordFile file, const std::string& name) const {
    EncodedSplit split{name, file.path, file.sha256, file.num_empty_texts, {}, {}};
    split.rows = assign_labels(std::move(file), labels, config.data.unknown_label);
    split.encoded = encode_records(split.rows.records, split.rows.label_ids, split.path, tokenizer.tokenizer,
                                   config.tokenizer, num_threads, "tokenizing " + name, events, tokenizer.limits);
    return split;
  }
};

std::string percent(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::string label_counts(const EncodedSplit& split, const LabelSet& labels) {
  std::string text;
  for (std::int64_t id = 0; id < labels.size() && id < kMostLabelsLogged; ++id)
    text += (id == 0 ? "" : ", ") + labels.name(id) + " " +
            std::to_string(split.rows.num_examples[static_cast<std::size_t>(id)]);
  if (labels.size() > kMostLabelsLogged) text += ", … (" + std::to_string(labels.size()) + " labels)";
  return text;
}

Json split_fields(const EncodedSplit& split, const LabelSet& labels) {
  Json counts = Json::object();
  for (std::int64_t id = 0; id < labels.size(); ++id)
    counts[labels.name(id)] = split.rows.num_examples[static_cast<std::size_t>(id)];
  return {{"split", split.name},
          {"file", split.path},
          {"num_examples", split.num_examples()},
          {"num_tokens", split.encoded.num_tokens},
          {"num_truncated", split.encoded.num_truncated},
          {"num_empty_texts", split.num_empty_texts},
          {"num_skipped", split.rows.num_skipped},
          {"labels_are_ids", split.rows.labels_are_ids},
          {"labels", counts}};
}

}  // namespace

ClassificationData prepare_classification_data(const RunConfig& config, const LabelSet& head,
                                               const RunTokenizer& tokenizer, std::int64_t num_threads,
                                               EventSink& events) {
  RawSplits splits = read_splits(config);
  ClassificationData data;
  data.choice = choose_labels(splits.training, config.data.labels, head);
  for (const std::string& doubt : describe_doubtful_labels(data.choice.labels, config.data.label))
    events.warning("training data: " + doubt);
  const SplitEncoder encode{config, data.choice.labels, tokenizer, num_threads, events};
  data.training = encode(std::move(splits.training), "training");
  if (splits.validation) data.validation = encode(std::move(*splits.validation), "validation");
  if (splits.test) data.test = encode(std::move(*splits.test), "test");
  return data;
}

void log_split(const EncodedSplit& split, const LabelSet& labels, const TokenizerOptions& tokenizer_options,
               EventSink& events) {
  const std::int64_t rows = split.num_examples();
  events.info(split.name + " data: " + std::to_string(rows) + " rows of " + split.path + ", " +
                  std::to_string(split.encoded.num_tokens) + " tokens; labels: " + label_counts(split, labels),
              split_fields(split, labels));
  if (split.rows.labels_are_ids) events.info(describe_label_ids(split.path, labels));
  if (split.encoded.num_truncated > 0)
    events.warning(split.name + " data: " + std::to_string(split.encoded.num_truncated) + " of " +
                   std::to_string(rows) + " texts (" + percent(split.encoded.num_truncated, rows) +
                   ") are longer than tokenizer.max_length " + std::to_string(*tokenizer_options.max_length) +
                   " and were cut; the longest has " + std::to_string(split.encoded.longest) + " tokens");
  if (split.num_empty_texts > 0)
    events.warning(split.name + " data: " + std::to_string(split.num_empty_texts) + " texts are empty; they are kept");
  if (split.rows.num_skipped > 0)
    events.warning(split.name + " data: " + std::to_string(split.rows.num_skipped) +
                   " rows with unknown labels or none were left out");
}

}  // namespace llmtool
