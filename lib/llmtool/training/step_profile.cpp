#include "llmtool/training/step_profile.h"

#include <ATen/record_function.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

#include "llmtool/core/json.h"

namespace llmtool {
namespace {

constexpr std::string_view kOther = "other operations";

// Kinds of operations by what stands in their names; the first row that fits counts.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kKinds{{
    {"llmtool::attention", "attention"},
    {"softmax", "attention"},
    {"scaled_dot_product", "attention"},
    {"llmtool::residual_norm", "residual sums and LayerNorm"},
    {"layer_norm", "residual sums and LayerNorm"},
    {"dropout", "dropout"},
    {"llmtool::activation", "activation"},
    {"aten::gelu", "activation"},
    {"aten::tanh", "activation"},
    {"linear_pointwise", "matrix products"},
    {"aten::linear", "matrix products"},
    {"aten::mm", "matrix products"},
    {"aten::addmm", "matrix products"},
    {"aten::bmm", "matrix products"},
    {"aten::baddbmm", "matrix products"},
    {"aten::embedding", "embeddings"},
    {"aten::index", "embeddings"},
    {"logsumexp", "loss"},
    {"cross_entropy", "loss"},
    {"nll_loss", "loss"},
    {"llmtool::sum", "sums"},
    {"aten::sum", "sums"},
}};

std::string_view kind_of(std::string_view operation) {
  for (const auto& [part, kind] : kKinds)
    if (operation.find(part) != std::string_view::npos) return kind;
  return kOther;
}

constexpr std::array<std::pair<StepStage, std::string_view>, 5> kStageNames{{
    {StepStage::kData, "data"},
    {StepStage::kForward, "forward"},
    {StepStage::kBackward, "backward"},
    {StepStage::kGradientNorm, "gradient norm"},
    {StepStage::kUpdate, "update"},
}};

std::string_view name_of(StepStage stage) {
  for (const auto& [known, name] : kStageNames)
    if (known == stage) return name;
  throw std::logic_error("a stage without a name");
}

struct OpenOperation;

// LibTorch calls plain functions: what they work for is known by the thread.
thread_local StepProfile* observed = nullptr;
thread_local OpenOperation* innermost = nullptr;

struct OpenOperation : public at::ObserverContext {
  OpenOperation* outer = innermost;
  Stopwatch watch;
  double within = 0.0;  // seconds in operations it calls
};

std::string line(std::string_view name, double milliseconds, double share) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%-40.*s %10.2f ms %6.1f %%\n", static_cast<int>(name.size()), name.data(),
                milliseconds, 100.0 * share);
  return text.data();
}

}  // namespace

// Adds the time of each operation, less that of the operations it calls, to its kind.
struct OperationObserver {
  static std::unique_ptr<at::ObserverContext> start(const at::RecordFunction&) {
    auto operation = std::make_unique<OpenOperation>();
    innermost = operation.get();
    return operation;
  }

  static void end(const at::RecordFunction& function, at::ObserverContext* context) {
    const auto* operation = static_cast<OpenOperation*>(context);
    const double seconds = operation->watch.seconds();
    innermost = operation->outer;
    if (innermost != nullptr) innermost->within += seconds;
    if (observed == nullptr || !observed->is_running_) return;
    const double own = seconds - operation->within;
    observed->seconds_[{observed->stage_, kind_of(function.name())}] += own;
    observed->in_operations_ += own;
  }
};

StepProfile::StepProfile() {
  if (observed != nullptr) throw std::logic_error("a thread has one step profile at a time");
  observed = this;
  handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&OperationObserver::start, &OperationObserver::end)
                                           .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
}

StepProfile::~StepProfile() {
  at::removeCallback(handle_);
  observed = nullptr;
}

void StepProfile::begin(StepStage stage) {
  end_stage();
  stage_ = stage;
  is_running_ = true;
  in_operations_ = 0.0;
  watch_.restart();
}

// What no operation accounts for belongs to the stage itself.
void StepProfile::end_stage() {
  if (is_running_) seconds_[{stage_, kOther}] += std::max(0.0, watch_.seconds() - in_operations_);
  is_running_ = false;
}

void StepProfile::end_step() {
  end_stage();
  ++num_steps_;
}

Json StepProfile::to_json() const {
  double total = 0.0;
  for (const auto& [part, seconds] : seconds_) total += seconds;
  const auto steps = static_cast<double>(std::max<std::int64_t>(num_steps_, 1));
  Json parts = Json::array();
  for (const auto& [part, seconds] : seconds_)
    parts.push_back({{"stage", name_of(part.stage)},
                     {"part", part.kind},
                     {"milliseconds", 1e3 * seconds / steps},
                     {"share", total > 0.0 ? seconds / total : 0.0}});
  return {{"steps", num_steps_}, {"milliseconds_per_step", 1e3 * total / steps}, {"parts", std::move(parts)}};
}

std::string profile_table(const Json& profile) {
  std::string text = "where the time of a training step goes (mean of " + profile.at("steps").dump() + " steps)\n";
  std::string stage;
  for (const Json& part : profile.at("parts")) {
    const auto name = part.at("stage").get<std::string>();
    double milliseconds = 0.0;
    double share = 0.0;
    std::size_t num_parts = 0;
    for (const Json& other : profile.at("parts")) {
      if (other.at("stage") != name) continue;
      milliseconds += other.at("milliseconds").get<double>();
      share += other.at("share").get<double>();
      ++num_parts;
    }
    if (name != stage) text += line(name, milliseconds, share);
    stage = name;
    if (num_parts > 1)
      text += line("  " + part.at("part").get<std::string>(), part.at("milliseconds").get<double>(),
                   part.at("share").get<double>());
  }
  return text + line("a step", profile.at("milliseconds_per_step").get<double>(), 1.0);
}

}  // namespace llmtool
