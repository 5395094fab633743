#include "llmtool/tasks/scoring.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

#include "llmtool/data/batch_plan.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/tasks/model_input.h"

namespace llmtool {

c10::Device device_of(const SequenceClassifier& model) { return model.parameters().front().device(); }

LogitTable score_dataset(const SequenceClassifier& model, const EncodedDataset& dataset, std::int64_t num_labels,
                         const ScoringOptions& options, const std::function<void(std::int64_t)>& after_batch) {
  if (model.is_training()) throw std::logic_error("scoring needs a model in evaluation mode");
  const at::NoGradGuard no_gradients;
  const c10::Device device = device_of(model);
  const ScoringPlan plan(dataset.lengths(kInputIds), options.batch_size, options.max_tokens);
  LogitTable table(dataset.num_features(), num_labels);
  std::int64_t num_done = 0;
  for (std::int64_t index = 0; index < plan.num_batches(); ++index) {
    const std::span<const std::int64_t> batch = plan.batch(index);
    const at::Tensor logits =
        model.forward(make_model_input(dataset, batch, device)).logits.to(at::kCPU, at::kFloat).contiguous();
    if (logits.size(1) != num_labels) throw std::logic_error("the model has another number of labels than the task");
    const float* row = logits.const_data_ptr<float>();
    for (const std::int64_t example : batch) {
      std::copy_n(row, num_labels, table.row(example).begin());
      row += num_labels;
    }
    num_done += static_cast<std::int64_t>(batch.size());
    after_batch(num_done);
  }
  return table;
}

}  // namespace llmtool
