#include "llmtool/commands/classification_trainable.h"

#include <optional>
#include <utility>

namespace llmtool {
namespace {

std::optional<std::string> positive_label(const RunConfig& config) {
  if (!config.evaluation.positive_label) return std::nullopt;
  return config.evaluation.positive_label->text;
}

SavedTruncation saved_truncation(const TokenizerOptions& options) {
  return {options.max_length, options.truncation, options.truncation_side};
}

}  // namespace

ClassificationTrainable::ClassificationTrainable(const RunConfig& config, const ClassificationData& data,
                                                 const Tokenizer& tokenizer, PretrainedClassifier pretrained,
                                                 c10::Device device)
    : config_(config),
      data_(data),
      tokenizer_(tokenizer),
      pretrained_(std::move(pretrained)),
      task_(data.choice.labels, config.training.loss, data.training.rows.num_examples, positive_label(config)) {
  pretrained_.model->to(device);
  pretrained_.model->train();
  for (const NamedParameter& parameter : pretrained_.model->trainable_parameters())
    parameters_.add(parameter.name, parameter.tensor);
}

std::int64_t ClassificationTrainable::num_tokens(std::int64_t example) const {
  return static_cast<std::int64_t>(data_.training.encoded.dataset.column<std::int32_t>(kInputIds).row(example).size());
}

std::string ClassificationTrainable::describe_example(std::int64_t example) const {
  const Record& record = data_.training.rows.records[static_cast<std::size_t>(example)];
  return data_.training.path + ":" + std::to_string(record.line);
}

std::vector<double> ClassificationTrainable::loss_denominators(const MicroBatch& batch) const {
  return task_.loss_denominators(data_.training.encoded.dataset, batch.examples);
}

std::vector<LossTerm> ClassificationTrainable::loss(const MicroBatch& batch) {
  std::vector<LossTerm> terms;
  for (TaskLoss& term : task_.loss(*pretrained_.model, data_.training.encoded.dataset, batch.examples))
    terms.push_back({std::move(term.name), std::move(term.sum), term.denominator});
  return terms;
}

void ClassificationTrainable::save_model(const std::filesystem::path& directory) const {
  tokenizer_.save(directory, saved_truncation(config_.tokenizer));
  save_pretrained(*pretrained_.model, directory, pretrained_.labels);
}

void ClassificationTrainable::load_model(const std::filesystem::path& directory) {
  load_weights(directory, *pretrained_.model);
}

MetricReport ClassificationTrainable::score(const EncodedSplit& split, EventSink& events) {
  ScoringOptions options;
  options.batch_size = config_.evaluation.batch_size;
  return task_.evaluate(*pretrained_.model, split.encoded.dataset, options, "evaluating " + split.name, events).report;
}

}  // namespace llmtool
