#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"

namespace llmtool {

// What becomes of the classifier stored in a checkpoint. kAuto keeps it when its label names are the same set.
enum class HeadPolicy { kAuto, kKeep, kNew };

template <>
struct EnumNames<HeadPolicy> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{HeadPolicy::kAuto, Name("auto")},
                                     std::pair{HeadPolicy::kKeep, Name("keep")},
                                     std::pair{HeadPolicy::kNew, Name("new")}};
};

// In which numbers weights are written; in memory they are fp32.
enum class StoredPrecision { kFp32, kFp16, kBf16 };

template <>
struct EnumNames<StoredPrecision> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{StoredPrecision::kFp32, Name("fp32")},
                                     std::pair{StoredPrecision::kFp16, Name("fp16")},
                                     std::pair{StoredPrecision::kBf16, Name("bf16")}};
};

// Replaces the dropout rates of a model's config where given.
struct DropoutOverrides {
  std::optional<double> hidden;
  std::optional<double> attention;
  std::optional<double> classifier;
};

// The content of a config.json, for a model whose weights are drawn anew.
struct ModelConfig {
  Json values;

  // Throws ValueError unless it is a section with a model_type.
  static ModelConfig from_json(const Json& json);
  Json to_json() const { return values; }
  static Json json_schema();

  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

// Section `model` of a run config.
struct ModelOptions {
  std::string from;
  std::optional<ModelConfig> config;
  HeadPolicy head = HeadPolicy::kAuto;
  std::vector<std::string> ignore;
  std::optional<double> dropout;
  std::optional<double> attention_dropout;
  std::optional<double> classifier_dropout;

  DropoutOverrides dropout_overrides() const { return {dropout, attention_dropout, classifier_dropout}; }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    const auto rate = in_range(0.0, 0.999);
    visit("from", self.from, "Folder of a Hugging Face model: config.json, weights, tokenizer.", kPathText);
    visit("config", self.config,
          "Language models from scratch, instead of from: what would stand in config.json, such as {model_type: bert, "
          "hidden_size: 256, …}; vocab_size is the tokenizer's.");
    visit("head", self.head,
          "The stored classifier: auto keeps it when its label names are those of the data, keep insists, new replaces "
          "it.");
    visit("ignore", self.ignore,
          "Names of weights in the folder that are passed over, as if they were not there; * stands for any "
          "characters, ? for one.");
    visit("dropout", self.dropout, "Dropout of hidden states; default: what the model's config.json says.", rate);
    visit("attention_dropout", self.attention_dropout,
          "Dropout of attention weights; default: what the model's config.json says.", rate);
    visit("classifier_dropout", self.classifier_dropout,
          "Dropout before the classifier; default: config.json, else the dropout of hidden states.", rate);
  }
  // Either from or config.
  void check(FieldErrors& errors) const;
};

}  // namespace llmtool
