#include "llmtool/inference/scoring.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "llmtool/data/batch_order.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/model_input.h"
#include "llmtool/models/classification_head.h"

namespace llmtool {
namespace {

std::vector<std::int64_t> without_repetitions(const std::vector<std::int64_t>& firsts) {
  std::vector<std::int64_t> distinct;
  for (std::size_t i = 0; i < firsts.size(); ++i)
    if (firsts[i] == static_cast<std::int64_t>(i)) distinct.push_back(firsts[i]);
  return distinct;
}

void copy_repetitions(const std::vector<std::int64_t>& firsts, ScoreTable& table) {
  for (std::int64_t i = 0; i < table.num_examples(); ++i) {
    const std::int64_t first = firsts[static_cast<std::size_t>(i)];
    if (first != i) std::ranges::copy(table.row(first), table.row(i).begin());
  }
}

}  // namespace

c10::Device device_of(const torch::nn::Module& model) { return model.parameters().front().device(); }

ScoreTable score_dataset(const EncodedDataset& dataset, std::int64_t width, const ScoringOptions& options,
                         c10::Device device, const std::function<at::Tensor(const ModelInput&)>& compute,
                         const std::function<void(std::int64_t)>& after_batch) {
  const at::NoGradGuard no_gradients;
  // The last bits of a score depend on its place in the batch; equal texts get equal scores by being computed once.
  const std::vector<std::int64_t> firsts = first_equal_features(dataset);
  const ScoringPlan plan(without_repetitions(firsts), dataset.lengths(kInputIds), options.batch_size,
                         options.max_tokens);
  ScoreTable table(dataset.num_features(), width);
  std::int64_t num_done = dataset.num_features() - plan.num_examples();
  for (std::int64_t index = 0; index < plan.num_batches(); ++index) {
    const std::span<const std::int64_t> batch = plan.batch(index);
    const at::Tensor scores = compute(make_model_input(dataset, batch, device)).to(at::kCPU, at::kFloat).contiguous();
    if (scores.size(1) != width) throw std::logic_error("the model computes rows of another width than the task");
    const float* row = scores.const_data_ptr<float>();
    for (const std::int64_t example : batch) {
      std::copy_n(row, width, table.row(example).begin());
      row += width;
    }
    num_done += static_cast<std::int64_t>(batch.size());
    after_batch(num_done);
  }
  copy_repetitions(firsts, table);
  return table;
}

ScoreTable score_dataset(const Model& model, const EncodedDataset& dataset, std::int64_t num_labels,
                         const ScoringOptions& options, const std::function<void(std::int64_t)>& after_batch) {
  if (model.is_training()) throw std::logic_error("scoring needs a model in evaluation mode");
  return score_dataset(
      dataset, num_labels, options, device_of(model),
      [&](const ModelInput& input) { return classification_logits(model, input); }, after_batch);
}

}  // namespace llmtool
