#include "golden_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/config/field_types.h"
#include "llmtool/training/checkpoint.h"

namespace llmtool::testing {
namespace {

constexpr double kTolerance = 1e-5;

struct SettingsFromJson {
  const Json& json;

  template <class T, class... Rules>
  void operator()(const char* name, T& value, const char*, const Rules&...) const {
    if (!json.contains(name)) return;
    read(json.at(name), value);
  }

  template <class T>
  static void read(const Json& setting, T& value) {
    if constexpr (HasFields<T>) {
      SettingsFromJson nested{setting};
      T::visit_fields(value, nested);
    } else if constexpr (JsonValued<T>) {
      value = T::from_json(setting);
    } else if constexpr (NamedEnum<T>) {
      value = enum_from_name<T>(setting.get<std::string>()).value();
    } else {
      value = setting.get<T>();
    }
  }
  template <class T>
  static void read(const Json& setting, std::optional<T>& value) {
    read(setting, value.emplace());
  }
};

TrainerOptions options_of(const Json& golden, const TemporaryDirectory& directory) {
  TrainerOptions options;
  SettingsFromJson settings{golden.at("training")};
  TrainingOptions::visit_fields(options.training, settings);
  options.training.log_every = 1;
  options.output_dir = directory.path();
  return options;
}

void check_figures(const std::vector<double>& found, const Json& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("step " << i + 1);
    CHECK(found[i] == Approx(expected[i].get<double>()).epsilon(kTolerance).margin(kTolerance));
  }
}

// Attention does not depend on the key's bias (it shifts all scores of a query alike), so its gradient is rounding
// noise, which an adaptive optimizer with a small epsilon scales up to whole steps: torch itself gives other values
// with another number of threads. SGD and a large epsilon show that it is trained right.
at::Tensor without_noise(const std::string& name, const at::Tensor& value, const OptimizerOptions& optimizer) {
  const bool is_adaptive = optimizer.name != OptimizerKind::kSgd && optimizer.epsilon < 1e-6;
  if (!is_adaptive) return value;
  if (name.find("attention.self.key.bias") != std::string::npos) return at::zeros_like(value);
  if (name.find("attn.c_attn.bias") == std::string::npos) return value;
  at::Tensor copy = value.clone();  // of query, key and value
  copy.chunk(3)[1].zero_();
  return copy;
}

// In the layout of the files, which for some families is not that of the parameters.
void check_weights(const Trainable& trainable, const OptimizerOptions& optimizer, const std::filesystem::path& file) {
  const TemporaryDirectory directory;
  trainable.save_model(directory.path());
  const auto saved = load_tensors(directory / "model.safetensors");
  const auto golden = load_tensors(file);
  REQUIRE(golden.size() == saved.size());
  for (const auto& [name, value] : golden) {
    INFO(name);
    const auto found =
        std::find_if(saved.begin(), saved.end(), [&](const auto& tensor) { return tensor.name == name; });
    REQUIRE(found != saved.end());
    const at::Tensor difference = without_noise(name, found->value, optimizer) - without_noise(name, value, optimizer);
    CHECK(difference.abs().max().item<double>() <= kTolerance);
  }
}

}  // namespace

void check_training(const Json& golden, const std::filesystem::path& weights, Trainable& trainable) {
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < trainable.num_examples(); ++i) order.push_back(i);
  const auto group = make_single_process_group();
  const TemporaryDirectory directory;
  RecordedLog log;
  const TrainerOptions options = options_of(golden, directory);
  train(
      trainable, [&order](std::int64_t) { return order; }, options, *group, log, silent_events());
  check_figures(log.figures.at("loss"), golden.at("losses"));
  check_figures(log.figures.at("grad_norm"), golden.at("gradient_norms"));
  check_weights(trainable, options.training.optimizer, weights);
}

}  // namespace llmtool::testing
