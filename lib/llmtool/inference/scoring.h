#pragma once

#include <c10/core/Device.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/model.h"

namespace llmtool {

// Puts a model into evaluation mode for as long as it lives, and then back into the mode it was in.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& model) : model_(model), was_training_(model.is_training()) {
    model_.eval();
  }
  ~EvaluationMode() {
    if (was_training_) model_.train();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& model_;
  bool was_training_;
};

// Where an example stands, for messages: "valid.csv:12". Empty: its number tells.
using ExampleName = std::function<std::string(std::int64_t)>;

// Does `work`, which judges an example; a NonFiniteError it throws tells where that stands.
template <class Work>
void judge_example(const ExampleName& name, std::int64_t example, const Work& work) {
  try {
    work();
  } catch (const NonFiniteError& error) {
    throw NonFiniteError((name ? name(example) : "example " + std::to_string(example + 1)) + ": " + error.what());
  }
}

// How many examples are computed at once. The scores depend on neither.
struct ScoringOptions {
  std::int64_t batch_size = 64;
  // Tokens of a batch, so that long texts need no more memory than short ones; an example longer than that is a batch
  // of its own.
  std::int64_t max_tokens = 8192;
};

// What a model computed for examples, a row of `width` numbers each, in the order of the dataset.
class ScoreTable {
 public:
  ScoreTable(std::int64_t num_examples, std::int64_t width)
      : width_(width), values_(static_cast<std::size_t>(num_examples * width)) {}

  std::int64_t width() const { return width_; }
  std::int64_t num_examples() const { return width_ == 0 ? 0 : static_cast<std::int64_t>(values_.size()) / width_; }
  std::span<const float> row(std::int64_t example) const {
    return std::span(values_).subspan(static_cast<std::size_t>(example * width_), static_cast<std::size_t>(width_));
  }
  std::span<float> row(std::int64_t example) {
    return std::span(values_).subspan(static_cast<std::size_t>(example * width_), static_cast<std::size_t>(width_));
  }

 private:
  std::int64_t width_;
  std::vector<float> values_;  // [examples, width]
};

// What a model computed for every token of features of different lengths: `width` numbers a token, features in the
// order of the dataset.
class TokenScoreTable {
 public:
  // `lengths`: tokens of each feature.
  TokenScoreTable(std::span<const std::int64_t> lengths, std::int64_t width);

  std::int64_t width() const { return width_; }
  std::int64_t num_features() const { return static_cast<std::int64_t>(offsets_.size()) - 1; }
  std::int64_t num_tokens(std::int64_t feature) const;
  // [tokens, width]
  std::span<const float> feature(std::int64_t index) const;
  std::span<float> feature(std::int64_t index);
  std::span<const float> token(std::int64_t index, std::int64_t token) const;

 private:
  std::int64_t width_;
  std::vector<std::int64_t> offsets_;  // of the features' first tokens, [features + 1]
  std::vector<float> values_;          // [all tokens, width]
};

// Where the model's weights are.
c10::Device device_of(const torch::nn::Module& model);

// What `compute` makes of a batch, [sequences, width], for every feature of the dataset, in fp32 and without gradients,
// batches sorted by length, equal features computed once. `after_batch` is told how many examples are done. Safe to
// call from several threads at once when `compute` is.
ScoreTable score_dataset(
    const EncodedDataset& dataset, std::int64_t width, const ScoringOptions& options, c10::Device device,
    const std::function<at::Tensor(const ModelInput&)>& compute,
    const std::function<void(std::int64_t)>& after_batch = [](std::int64_t) {});

// The logits of a classifier, which must be in evaluation mode (std::logic_error).
ScoreTable score_dataset(
    const Model& model, const EncodedDataset& dataset, std::int64_t num_labels, const ScoringOptions& options,
    const std::function<void(std::int64_t)>& after_batch = [](std::int64_t) {});

// The logits of every token, [tokens, width], of a model that scores tokens, in the same way.
TokenScoreTable score_tokens(
    const Model& model, const EncodedDataset& dataset, std::int64_t width, const ScoringOptions& options,
    const std::function<void(std::int64_t)>& after_batch = [](std::int64_t) {});

}  // namespace llmtool
