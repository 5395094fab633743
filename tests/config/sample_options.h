#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"

// A small config of every kind of field, so that these tests do not depend on the real sections.
namespace llmtool {

enum class SampleSchedule { kLinear, kCosine, kConstant };

template <>
struct EnumNames<SampleSchedule> {
  static constexpr std::array kNames{std::pair{SampleSchedule::kLinear, std::string_view("linear")},
                                     std::pair{SampleSchedule::kCosine, std::string_view("cosine")},
                                     std::pair{SampleSchedule::kConstant, std::string_view("constant")}};
};

namespace testing {

// A file or a share, as data.validation is.
struct FileOrShare {
  std::string file;
  double share = 0.1;

  static FileOrShare from_json(const Json& json) {
    if (json.is_string()) return {json.get<std::string>(), 0.0};
    if (json.is_number() && json.get<double>() > 0.0 && json.get<double>() < 1.0) return {"", json.get<double>()};
    throw ValueError("expected a file or a share between 0 and 1, got " + json.dump());
  }
  Json to_json() const { return file.empty() ? Json(share) : Json(file); }
  static Json json_schema() {
    return {{"description", "a file or a share between 0 and 1"},
            {"anyOf", {{{"type", "string"}}, {{"type", "number"}, {"exclusiveMinimum", 0}, {"exclusiveMaximum", 1}}}}};
  }
  bool operator==(const FileOrShare&) const = default;
};

struct OptimizerOptions {
  double learning_rate = 5e-5;
  double weight_decay = 0.01;
  SampleSchedule schedule = SampleSchedule::kLinear;
  bool fused = true;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("learning_rate", self.learning_rate, "Peak learning rate, reached after warm-up.", in_range(0.0, 1.0));
    visit("weight_decay", self.weight_decay, "Decay of weights, not of biases.", in_range(0.0, 1.0));
    visit("schedule", self.schedule, "Course of the learning rate.");
    visit("fused", self.fused, "Update all weights in one pass.");
  }
  bool operator==(const OptimizerOptions&) const = default;
};

struct StoppingOptions {
  std::int64_t patience = 2;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("patience", self.patience, "Evaluations without progress before the end.", at_least(1));
  }
  bool operator==(const StoppingOptions&) const = default;
};

struct TrainingOptions {
  std::int64_t epochs = 3;
  std::optional<std::int64_t> max_steps;
  std::int64_t batch_size = 32;
  OptimizerOptions optimizer;
  std::optional<StoppingOptions> early_stopping;
  std::map<std::string, double> class_weights;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("epochs", self.epochs, "Passes over the training data.", at_least(0));
    visit("max_steps", self.max_steps, "Steps after which training ends; unset: no limit.", at_least(1));
    visit("batch_size", self.batch_size, "Examples per device and micro-batch.", in_range<std::int64_t>(1, 65536));
    visit("optimizer", self.optimizer, "The optimizer.");
    visit("early_stopping", self.early_stopping, "When to end before the last epoch.");
    visit("class_weights", self.class_weights, "Weight of each label in the loss.", in_range(0.0, 1e6));
  }
  void check(FieldErrors& errors) const {
    if (max_steps && *max_steps < epochs) errors.add("max_steps", "fewer steps than epochs");
  }
  bool operator==(const TrainingOptions&) const = default;
};

struct DataOptions {
  std::string train;
  FileOrShare validation;
  std::vector<std::string> text = {"text"};
  std::vector<std::string> labels;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("train", self.train, "File to train on.", kRequired, kPathText);
    visit("validation", self.validation, "A file, or a share of train.", kPathText);
    visit("text", self.text, "A column, or two for pairs.", kScalarOrList);
    visit("labels", self.labels, "Names of the labels in order.");
  }
  bool operator==(const DataOptions&) const = default;
};

struct SampleOptions {
  std::string task;
  DataOptions data;
  TrainingOptions training;
  std::vector<StoppingOptions> stages;
  std::string output_dir = "runs/sample";
  std::int64_t seed = 42;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("task", self.task, "What the model learns.", kRequired);
    visit("data", self.data, "Where the examples are.");
    visit("training", self.training, "How the model is trained.");
    visit("stages", self.stages, "Rules for each stage.");
    visit("output_dir", self.output_dir, "Folder of the run.", kPathText, kNotCompared);
    visit("seed", self.seed, "Seed of all random numbers.");
  }
  bool operator==(const SampleOptions&) const = default;
};

}  // namespace testing
}  // namespace llmtool
