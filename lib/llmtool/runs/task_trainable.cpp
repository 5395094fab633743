#include "llmtool/runs/task_trainable.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

#include "llmtool/data/batch_order.h"
#include "llmtool/nn/layers.h"

namespace llmtool {
namespace {

SampleOrder sample_order(const TrainingOptions& options) {
  if (options.group_by_length) return SampleOrder::kGroupedByLength;
  return options.shuffle ? SampleOrder::kShuffled : SampleOrder::kSequential;
}

// Examples of a micro-batch, on average.
std::int64_t mean_batch_size(const TrainingOptions& options, std::span<const std::int64_t> lengths) {
  if (!options.tokens_per_batch || lengths.empty()) return options.batch_size;
  const std::int64_t num_tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  const double examples = static_cast<double>(*options.tokens_per_batch) * static_cast<double>(lengths.size()) /
                          static_cast<double>(std::max<std::int64_t>(num_tokens, 1));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(examples), 1, static_cast<std::int64_t>(lengths.size()));
}

// The weights of the model, on the device, in `parameters`.
void set_up_for_training(Model& model, const TrainingOptions& options, c10::Device device, ParameterStore& parameters) {
  if (options.precision == Precision::kAuto) throw std::logic_error("the precision is not resolved");
  model.to(device);
  model.train();
  use_kernels(model, options.kernels == KernelChoice::kAuto);
  for (const NamedParameter& parameter : model.trainable_parameters())
    parameters.add(parameter.name, parameter.tensor, parameter.is_decayed);
  if (options.precision != Precision::kBf16) return;
  for (const WorkingCopy& working : make_working_copies(model.body(), at::kBFloat16))
    parameters.set_working_copy(working.weight, working.copy);
}

}  // namespace

TaskTrainable::TaskTrainable(const RunConfig& config, const Task& task, const RunTokenizer& tokenizer,
                             std::shared_ptr<Model> model, c10::Device device)
    : config_(config), task_(task), tokenizer_(tokenizer), model_(std::move(model)), device_(device) {
  set_up_for_training(*model_, config.training.trainer, device, parameters_);
  for (const Parameter& parameter : parameters_.parameters())
    if (!task.trains(parameter.name)) parameters_.set_trainable(parameter.name, false);
}

void TaskTrainable::save_model(const std::filesystem::path& directory) const {
  const TokenizerOptions& options = config_.tokenizer;
  std::optional<bool> takes_types = tokenizer_.limits.takes_types();
  if (takes_types && task_.needs_token_types()) takes_types = true;
  tokenizer_.tokenizer.save(directory, {options.max_length, options.truncation, options.truncation_side}, takes_types);
  task_.save_extras(directory, *model_);
  task_.conclude(*model_, scoring_options());
  save_pretrained(*model_, directory);
}

void TaskTrainable::load_model(const std::filesystem::path& directory) {
  load_weights(directory, *model_);
  parameters_.refresh_working_copies();
}

EpochOrder TaskTrainable::epoch_order() const {
  std::vector<std::int64_t> lengths;
  for (std::int64_t example = 0; example < num_examples(); ++example) lengths.push_back(num_tokens(example, 0));
  const TrainingOptions& options = config_.training.trainer;
  const std::int64_t step_size = mean_batch_size(options, lengths) * options.accumulation;
  const Sampler sampler(sample_order(options), std::move(lengths), step_size, static_cast<std::uint64_t>(config_.seed));
  return [sampler](std::int64_t epoch) { return sampler.epoch_order(epoch); };
}

ScoringOptions TaskTrainable::scoring_options() const {
  ScoringOptions options;
  options.batch_size = config_.evaluation.batch_size;
  return options;
}

std::optional<MetricReport> TaskTrainable::score(DataPart part, EventSink& events) {
  const Examples* examples = task_.find_examples(part);
  if (examples == nullptr) return std::nullopt;
  return task_.evaluate(*model_, part, scoring_options(), "evaluating " + examples->name, events);
}

Json TaskTrainable::counts() const {
  Json counts = {{"train_samples", num_examples()}, {"num_truncated", training().num_truncated()}};
  if (const Examples* validation = task_.find_examples(DataPart::kValidation))
    counts["eval_samples"] = validation->size();
  if (const Examples* test = task_.find_examples(DataPart::kTest)) counts["test_samples"] = test->size();
  task_.add_counts(counts);
  return counts;
}

std::vector<CardSplit> TaskTrainable::card_splits() const {
  std::vector<CardSplit> splits;
  for (const DataPart part : {DataPart::kTraining, DataPart::kValidation, DataPart::kTest})
    if (const Examples* examples = task_.find_examples(part))
      splits.push_back(
          {examples->name, examples->path, examples->num_units(), examples->num_truncated(), examples->sha256});
  return splits;
}

}  // namespace llmtool
