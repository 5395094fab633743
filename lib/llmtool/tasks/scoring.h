#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/sequence_classifier.h"

namespace llmtool {

// How many examples are computed at once. The scores depend on neither.
struct ScoringOptions {
  std::int64_t batch_size = 64;
  // Tokens of a batch, so that long texts need no more memory than short ones; an example longer than that is a batch
  // of its own.
  std::int64_t max_tokens = 8192;
};

// Scores of examples, one row of `num_labels` each, in the order of the dataset.
class LogitTable {
 public:
  LogitTable(std::int64_t num_examples, std::int64_t num_labels)
      : num_labels_(num_labels), values_(static_cast<std::size_t>(num_examples * num_labels)) {}

  std::int64_t num_labels() const { return num_labels_; }
  std::int64_t num_examples() const {
    return num_labels_ == 0 ? 0 : static_cast<std::int64_t>(values_.size()) / num_labels_;
  }
  std::span<const float> row(std::int64_t example) const {
    return std::span(values_).subspan(static_cast<std::size_t>(example * num_labels_),
                                      static_cast<std::size_t>(num_labels_));
  }
  std::span<float> row(std::int64_t example) {
    return std::span(values_).subspan(static_cast<std::size_t>(example * num_labels_),
                                      static_cast<std::size_t>(num_labels_));
  }

 private:
  std::int64_t num_labels_;
  std::vector<float> values_;  // [examples, labels]
};

// Where the model's weights are.
c10::Device device_of(const torch::nn::Module& model);

// Logits in fp32 of every feature of the dataset, without gradients, batches sorted by length. The model must be in
// evaluation mode (std::logic_error). `after_batch` is told how many examples are done. Safe to call from several
// threads at once.
LogitTable score_dataset(const SequenceClassifier& model, const EncodedDataset& dataset, std::int64_t num_labels,
                         const ScoringOptions& options, const std::function<void(std::int64_t)>& after_batch);

}  // namespace llmtool
