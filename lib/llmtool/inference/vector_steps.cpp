#include "llmtool/inference/vector_steps.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// The vectors on their way through the steps.
struct Vectors {
  const SequenceLayout& layout;
  std::int64_t prompt_length;
  at::Tensor of_tokens;
  at::Tensor of_texts;  // undefined before the first pooling

  at::Tensor& of(VectorsOf input) { return input == VectorsOf::kTokens ? of_tokens : of_texts; }

  void take(const PoolingStep& step) {
    std::vector<at::Tensor> pooled;
    if (step.include_prompt || prompt_length == 0) {
      for (const Pooling mode : step.modes) pooled.push_back(pool_tokens(of_tokens, layout, mode));
    } else {
      const PackedTokens rest = without_first_tokens(of_tokens, layout, prompt_length);
      for (const Pooling mode : step.modes) pooled.push_back(pool_tokens(rest.hidden, rest.layout, mode));
    }
    of_texts = pooled.size() == 1 ? pooled.front() : at::cat(pooled, 1);
  }
  void take(const DenseStep& step) { of(step.input) = step.dense->forward(of(step.input)); }
  void take(const NormalizeStep& step) {
    // As in the library, where there is nothing yet nothing happens.
    if (at::Tensor& vectors = of(step.input); vectors.defined()) vectors = normalize_rows(vectors.to(at::kFloat));
  }
};

// The sizes of the same.
struct Widths {
  std::int64_t of_tokens;
  std::int64_t of_texts = 0;  // before the first pooling

  void take(const PoolingStep& step) { of_texts = static_cast<std::int64_t>(step.modes.size()) * of_tokens; }
  void take(const DenseStep& step) {
    std::int64_t& width = step.input == VectorsOf::kTokens ? of_tokens : of_texts;
    const DenseOptions& options = step.dense->options();
    if (width == 0)
      throw ModelError(step.file + ": the module needs vectors of texts, which no Pooling before it makes");
    if (width != options.input_size)
      throw ModelError(step.file + ": 'in_features' is " + std::to_string(options.input_size) +
                       ", but the vectors before it have " + std::to_string(width) + " numbers");
    width = options.output_size;
  }
  void take(const NormalizeStep&) {}
};

template <class Visitor>
void visit_steps(const std::vector<VectorStep>& steps, Visitor& visitor) {
  for (const VectorStep& step : steps) std::visit([&](const auto& one) { visitor.take(one); }, step);
}

}  // namespace

void VectorSteps::set_pooling(Pooling pooling) {
  for (VectorStep& step : steps_)
    if (auto* pooling_step = std::get_if<PoolingStep>(&step)) pooling_step->modes = {pooling};
}

bool VectorSteps::ends_with_normalization() const {
  const auto* last = steps_.empty() ? nullptr : std::get_if<NormalizeStep>(&steps_.back());
  return last != nullptr && last->input == VectorsOf::kTexts;
}

void VectorSteps::leave_last_normalization_out() {
  while (ends_with_normalization()) steps_.pop_back();
}

bool VectorSteps::leaves_prompt_out() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const VectorStep& step) {
    const auto* pooling = std::get_if<PoolingStep>(&step);
    return pooling != nullptr && !pooling->include_prompt;
  });
}

std::int64_t VectorSteps::width(std::int64_t hidden_size) const {
  Widths widths{hidden_size};
  visit_steps(steps_, widths);
  if (widths.of_texts == 0) throw ModelError(std::string(kModuleListFile) + " has no Pooling, so texts get no vector");
  return widths.of_texts;
}

void VectorSteps::to(c10::Device device) {
  for (VectorStep& step : steps_)
    if (auto* dense_step = std::get_if<DenseStep>(&step)) dense_step->dense->to(device);
}

at::Tensor VectorSteps::apply(const at::Tensor& hidden, const SequenceLayout& layout,
                              std::int64_t prompt_length) const {
  Vectors vectors{layout, prompt_length, hidden, {}};
  visit_steps(steps_, vectors);
  return vectors.of_texts;
}

}  // namespace llmtool
