#include "llmtool/inference/scoring.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "llmtool/data/batch_order.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

std::vector<std::int64_t> without_repetitions(const std::vector<std::int64_t>& firsts) {
  std::vector<std::int64_t> distinct;
  for (std::size_t i = 0; i < firsts.size(); ++i)
    if (firsts[i] == static_cast<std::int64_t>(i)) distinct.push_back(firsts[i]);
  return distinct;
}

// Calls `compute` for batches of features that differ, sorted by length; `copy(first, repetition)` for the rest.
template <class Compute, class Copy>
void score_features(const EncodedDataset& dataset, const ScoringOptions& options, const Compute& compute,
                    const Copy& copy, const std::function<void(std::int64_t)>& after_batch) {
  const at::NoGradGuard no_gradients;
  // The last bits of a score depend on its place in the batch; equal texts get equal scores by being computed once.
  const std::vector<std::int64_t> firsts = first_equal_features(dataset);
  const ScoringPlan plan(without_repetitions(firsts), dataset.lengths(kInputIds), options.batch_size,
                         options.max_tokens);
  std::int64_t num_done = dataset.num_features() - plan.num_examples();
  for (std::int64_t index = 0; index < plan.num_batches(); ++index) {
    const std::span<const std::int64_t> batch = plan.batch(index);
    compute(batch);
    num_done += static_cast<std::int64_t>(batch.size());
    after_batch(num_done);
  }
  for (std::int64_t feature = 0; feature < dataset.num_features(); ++feature)
    if (const std::int64_t first = firsts[static_cast<std::size_t>(feature)]; first != feature) copy(first, feature);
}

// fp32 on the CPU, in one piece.
at::Tensor fetched(const at::Tensor& scores, std::int64_t width) {
  if (scores.size(1) != width) throw std::logic_error("the model computes rows of another width than the task");
  return scores.to(at::kCPU, at::kFloat).contiguous();
}

void require_evaluation_mode(const Model& model) {
  if (model.is_training()) throw std::logic_error("scoring needs a model in evaluation mode");
}

}  // namespace

TokenScoreTable::TokenScoreTable(std::span<const std::int64_t> lengths, std::int64_t width)
    : width_(width), offsets_{0} {
  for (const std::int64_t length : lengths) offsets_.push_back(offsets_.back() + length);
  values_.resize(static_cast<std::size_t>(offsets_.back() * width));
}

std::int64_t TokenScoreTable::num_tokens(std::int64_t feature) const {
  const auto index = static_cast<std::size_t>(feature);
  return offsets_.at(index + 1) - offsets_.at(index);
}

std::span<const float> TokenScoreTable::feature(std::int64_t index) const {
  return std::span(values_).subspan(static_cast<std::size_t>(offsets_.at(static_cast<std::size_t>(index)) * width_),
                                    static_cast<std::size_t>(num_tokens(index) * width_));
}

std::span<float> TokenScoreTable::feature(std::int64_t index) {
  return std::span(values_).subspan(static_cast<std::size_t>(offsets_.at(static_cast<std::size_t>(index)) * width_),
                                    static_cast<std::size_t>(num_tokens(index) * width_));
}

std::span<const float> TokenScoreTable::token(std::int64_t index, std::int64_t token) const {
  return feature(index).subspan(static_cast<std::size_t>(token * width_), static_cast<std::size_t>(width_));
}

c10::Device device_of(const torch::nn::Module& model) { return model.parameters().front().device(); }

ScoreTable score_dataset(const EncodedDataset& dataset, std::int64_t width, const ScoringOptions& options,
                         c10::Device device, const std::function<at::Tensor(const ModelInput&)>& compute,
                         const std::function<void(std::int64_t)>& after_batch) {
  ScoreTable table(dataset.num_features(), width);
  const auto compute_batch = [&](std::span<const std::int64_t> batch) {
    const at::Tensor scores = fetched(compute(make_model_input(dataset, batch, device)), width);
    const float* row = scores.const_data_ptr<float>();
    for (const std::int64_t example : batch) {
      std::copy_n(row, width, table.row(example).begin());
      row += width;
    }
  };
  const auto copy = [&](std::int64_t first, std::int64_t repetition) {
    std::ranges::copy(table.row(first), table.row(repetition).begin());
  };
  score_features(dataset, options, compute_batch, copy, after_batch);
  return table;
}

ScoreTable score_dataset(const Model& model, const EncodedDataset& dataset, std::int64_t num_labels,
                         const ScoringOptions& options, const std::function<void(std::int64_t)>& after_batch) {
  require_evaluation_mode(model);
  return score_dataset(
      dataset, num_labels, options, device_of(model),
      [&](const ModelInput& input) { return classification_logits(model, input); }, after_batch);
}

TokenScoreTable score_tokens(const Model& model, const EncodedDataset& dataset, std::int64_t width,
                             const ScoringOptions& options, const std::function<void(std::int64_t)>& after_batch) {
  require_evaluation_mode(model);
  TokenScoreTable table(dataset.lengths(kInputIds), width);
  const auto compute_batch = [&](std::span<const std::int64_t> batch) {
    const at::Tensor scores = fetched(token_logits(model, make_model_input(dataset, batch, device_of(model))), width);
    const float* values = scores.const_data_ptr<float>();
    for (const std::int64_t feature : batch) {
      const std::span<float> row = table.feature(feature);
      std::copy_n(values, row.size(), row.begin());
      values += row.size();
    }
  };
  const auto copy = [&](std::int64_t first, std::int64_t repetition) {
    std::ranges::copy(std::as_const(table).feature(first), table.feature(repetition).begin());
  };
  score_features(dataset, options, compute_batch, copy, after_batch);
  return table;
}

}  // namespace llmtool
