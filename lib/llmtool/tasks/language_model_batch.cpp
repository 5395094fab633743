#include "llmtool/tasks/language_model_batch.h"

#include <ATen/ATen.h>

#include <utility>

namespace llmtool {
namespace {

at::Tensor int64_tensor(const std::vector<std::int64_t>& values, c10::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

// int64 [tokens]; undefined when every token has type 0.
at::Tensor type_ids(std::span<const LanguageModelExample> examples, c10::Device device) {
  std::vector<std::int64_t> types;
  bool has_types = false;
  for (const auto& [sequence, targets] : examples) {
    has_types = has_types || !sequence.type_ids.empty();
    if (sequence.type_ids.empty()) {
      types.resize(types.size() + sequence.ids.size(), 0);
    } else {
      types.insert(types.end(), sequence.type_ids.begin(), sequence.type_ids.end());
    }
  }
  return has_types ? int64_tensor(types, device) : at::Tensor();
}

at::Tensor pair_labels(std::span<const LanguageModelExample> examples, c10::Device device) {
  std::vector<std::int64_t> labels;
  for (const auto& [sequence, targets] : examples)
    if (sequence.pair_label) labels.push_back(*sequence.pair_label);
  return labels.size() == examples.size() ? int64_tensor(labels, device) : at::Tensor();
}

}  // namespace

LanguageModelExample make_example(const SequenceSource& source, const TargetRule& rule, std::int64_t index,
                                  std::int64_t epoch) {
  LanguageModelExample example;
  source.fill(index, epoch, example.sequence);
  example.targets = rule.apply(example.sequence, index, epoch);
  return example;
}

LanguageModelBatch make_batch(std::span<const LanguageModelExample> examples, c10::Device device) {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> lengths;
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> targets;
  for (const auto& [sequence, predicted] : examples) {
    const auto first_row = static_cast<std::int64_t>(ids.size());
    for (const PredictedToken& token : predicted) {
      rows.push_back(first_row + token.position);
      targets.push_back(token.target);
    }
    ids.insert(ids.end(), sequence.ids.begin(), sequence.ids.end());
    lengths.push_back(static_cast<std::int64_t>(sequence.ids.size()));
  }
  return {{int64_tensor(ids, device), type_ids(examples, device), SequenceLayout(std::move(lengths), device)},
          int64_tensor(rows, device),
          int64_tensor(targets, device),
          pair_labels(examples, device)};
}

}  // namespace llmtool
