#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

class ParameterStore;

// One named part of the loss over some examples. The loss of an optimizer step is the sum over its terms of
// weight * (sum over all micro-batches and ranks) / (denominator over all micro-batches and ranks).
struct LossTerm {
  std::string name;
  at::Tensor sum;  // scalar fp32, differentiable
  double weight = 1.0;
};

// Examples made ready for the model: what a loss is computed from. Each kind of training has its own.
struct Batch {
  virtual ~Batch() = default;

  // Of every loss term, in their order; known before any forward pass.
  std::vector<double> denominators;
  // Given to the model: real tokens and padding.
  std::int64_t num_rows = 0;
};

// Which examples of the training split a micro-batch holds, and when it is drawn: objectives that sample (masking)
// derive their random numbers from the epoch and the example, never from batch size or earlier draws.
struct MicroBatch {
  std::span<const std::int64_t> examples;
  std::int64_t epoch = 0;
};

// What the trainer drives. It knows examples by index only; text, labels and the model's family stay behind this.
class Trainable {
 public:
  virtual ~Trainable() = default;

  virtual std::int64_t num_examples() const = 0;
  // Real (unpadded) tokens of a training example in an epoch: for tokens per second.
  virtual std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const = 0;
  // Where an example comes from, for messages: "train.csv:18".
  virtual std::string describe_example(std::int64_t example) const = 0;

  // Made of the examples and the epoch alone: whatever it draws comes from the seed, the epoch and the example.
  virtual std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch) = 0;
  // Forward pass with gradients in training mode over a batch that make_batch() made. What it draws comes from torch's
  // default generators, whose state is saved with a checkpoint.
  virtual std::vector<LossTerm> loss(const Batch& batch) = 0;

  // fp32 masters under their Hugging Face names.
  virtual ParameterStore& parameters() = 0;

  // Scores the validation split in evaluation mode without gradients. It reports progress to `events` at least every
  // few seconds: the trainer breaks off a long evaluation by an exception from there when it is asked to stop.
  virtual MetricReport evaluate(EventSink& events) = 0;

  // Writes the files that make `directory` a model directory (weights, config, tokenizer), config.json last.
  virtual void save_model(const std::filesystem::path& directory) const = 0;
  // Reads the weights save_model() wrote back into parameters(), bit for bit and in place. Throws ModelError.
  virtual void load_model(const std::filesystem::path& directory) = 0;
};

}  // namespace llmtool
