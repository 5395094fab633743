#include <ATen/Functions.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_model.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/models/language_model_heads.h"

// Checkpoints whose tensors stand under other names, beside others, or not at all, as tools and versions leave them.
namespace llmtool {
namespace {

using testing::GoldenModel;
using testing::largest_difference;
using testing::load;
using testing::model_error;
using testing::read_golden;
using Names = std::vector<std::string>;

constexpr double kTolerance = 1e-5;

// A copy of a golden checkpoint, its tensors under other names; "" leaves one out. `added` are names that hold what
// another tensor holds.
void copy_renamed(const GoldenModel& golden, const testing::TemporaryDirectory& directory,
                  const std::function<std::string(const std::string&)>& rename,
                  const std::vector<std::pair<std::string, std::string>>& added = {}, const Json& changes = {}) {
  const SafetensorsFile file(golden.directory / "model.safetensors");
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names())
    if (const std::string renamed = rename(name); !renamed.empty()) tensors.push_back({renamed, *file.find(name)});
  for (const auto& [name, source] : added) tensors.push_back({name, *file.find(source)});
  write_safetensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  Json config = read_json_file((golden.directory / "config.json").string(), ExitCode::kInternal);
  for (const auto& [key, value] : changes.items()) config[key] = value;
  directory.write("config.json", to_json_text(config));
}

std::string unchanged(const std::string& name) { return name; }

struct TwoNames {
  const char* folder;
  const char* embedding;
  const char* bias;
  const char* decoder;
};

TEST_CASE("Of a bias with two names one is enough, tied or not") {
  const TwoNames tested = GENERATE(values<TwoNames>(
      {{"bert_masked_lm", "bert.embeddings.word_embeddings.weight", "cls.predictions.bias", "cls.predictions.decoder"},
       {"bert_pretraining", "bert.embeddings.word_embeddings.weight", "cls.predictions.bias",
        "cls.predictions.decoder"},
       {"roberta_masked_lm", "roberta.embeddings.word_embeddings.weight", "lm_head.bias", "lm_head.decoder"},
       {"xlm_roberta_masked_lm", "roberta.embeddings.word_embeddings.weight", "lm_head.bias", "lm_head.decoder"},
       {"albert_masked_lm", "albert.embeddings.word_embeddings.weight", "predictions.bias", "predictions.decoder"},
       {"deberta_v2_masked_lm", "deberta.embeddings.word_embeddings.weight", "cls.predictions.bias",
        "cls.predictions.decoder"}}));
  const bool keeps_decoder_bias = GENERATE(true, false);
  const bool is_tied = GENERATE(true, false);
  CAPTURE(tested.folder, keeps_decoder_bias, is_tied);
  const GoldenModel golden = read_golden(tested.folder);
  const testing::TemporaryDirectory directory;
  const std::string decoder_bias = std::string(tested.decoder) + ".bias";
  std::vector<std::pair<std::string, std::string>> added;
  if (!is_tied) added.emplace_back(std::string(tested.decoder) + ".weight", tested.embedding);
  copy_renamed(golden, directory,
               [&](const std::string& name) { return name == tested.bias && keeps_decoder_bias ? decoder_bias : name; },
               added, {{"tie_word_embeddings", is_tied}});
  LoadRequest request{.head = golden.expected.contains("pair_logits") ? HeadKind::kPretraining : HeadKind::kMaskedLm};
  request.allow_new_head = GENERATE(true, false);
  const LoadedModel loaded = load_model(directory.path(), request);
  CHECK(loaded.report.created.empty());
  const at::Tensor logits =
      loaded.model->head<LanguageModelHead>().logits(loaded.model->forward(golden.input).last_hidden_state);
  CHECK(largest_difference(logits, golden.expected.at("logits")) < kTolerance);
}

TEST_CASE("Weights under the prefix of a wrapper are read") {
  const std::string prefix = GENERATE(as<std::string>{}, "module.", "_orig_mod.", "model.", "base_model.model.",
                                      "module._orig_mod.", "model.model.");
  const std::string name =
      GENERATE(as<std::string>{}, "gelu", "roberta_classification", "modernbert_classification", "gpt2_classification");
  CAPTURE(prefix, name);
  const GoldenModel golden = read_golden(name);
  const testing::TemporaryDirectory directory;
  copy_renamed(golden, directory, [&](const std::string& original) { return prefix + original; });
  const LoadedModel loaded = load(directory.path());
  CHECK(largest_difference(classification_logits(*loaded.model, golden.input), golden.expected.at("logits")) <
        kTolerance);
  CHECK(loaded.report.removed_prefix == prefix);
  CHECK(loaded.report.summary().find("prefix '" + prefix + "' taken off") != std::string::npos);
  CHECK(loaded.report.to_json().at("removed_prefix") == prefix);
}

TEST_CASE("What stands beside the wrapped weights is passed over by name and not by chance") {
  const GoldenModel golden = read_golden("gelu");
  const testing::TemporaryDirectory directory;
  copy_renamed(golden, directory, [](const std::string& name) { return "model." + name; },
               {{"loss_fct.weight", "classifier.bias"}, {"metric.total", "classifier.bias"}});
  const std::string message = model_error([&] { load(directory.path()); });
  CHECK(message.find("unexpected (1)") != std::string::npos);
  CHECK(message.find("'metric.total'") != std::string::npos);
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.ignore = {"metric.*"};
  const LoadedModel loaded = load_model(directory.path(), request);
  CHECK(loaded.report.ignored == Names{"metric.total", "loss_fct.weight"});
}

TEST_CASE("A prefix that is no wrapper's, and several of them, are refused by name") {
  const GoldenModel golden = read_golden("gelu");
  const testing::TemporaryDirectory directory;
  copy_renamed(golden, directory, [](const std::string& name) { return "encoder." + name; });
  CHECK(model_error([&] { load(directory.path()); }).find("begin with 'encoder.', which is none of the prefixes") !=
        std::string::npos);
  const testing::TemporaryDirectory two;
  copy_renamed(golden, two, [](const std::string& name) { return "module." + name; },
               {{"model.bert.embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings.weight"}});
  CHECK(model_error([&] { load(two.path()); }).find("begin with 'model.', 'module.', and which of them is meant") !=
        std::string::npos);
}

TEST_CASE("Weights of a PEFT adapter beside those of the model are refused by name") {
  const GoldenModel golden = read_golden("gelu");
  const testing::TemporaryDirectory directory;
  const std::string adapter = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.default.weight";
  copy_renamed(golden, directory, [](const std::string& name) { return "base_model.model." + name; },
               {{adapter, "classifier.bias"}});
  const std::string message = model_error([&] { load(directory.path()); });
  CHECK(message.find(quote(adapter)) != std::string::npos);
  CHECK(message.find("merge_and_unload") != std::string::npos);
}

TEST_CASE("Tensors that checkpoints are known to hold beside the weights are passed over and reported") {
  const std::string name =
      GENERATE(as<std::string>{}, "bert.embeddings.word_embeddings._weight", "loss_fct.weight", "loss_fct.pos_weight",
               "bert.norm.num_batches_tracked", "bert.embeddings.position_ids", "position_ids");
  CAPTURE(name);
  const GoldenModel golden = read_golden("gelu");
  const testing::TemporaryDirectory directory;
  copy_renamed(golden, directory, unchanged, {{name, "classifier.bias"}});
  const LoadedModel loaded = load(directory.path());
  CHECK(loaded.report.ignored == Names{name});
  CHECK(loaded.report.summary().find("passed over: " + quote(name)) != std::string::npos);
  CHECK(largest_difference(classification_logits(*loaded.model, golden.input), golden.expected.at("logits")) <
        kTolerance);
}

TEST_CASE("An unexpected weight names what passes over it, and a pattern does so in every kind of model") {
  const testing::TemporaryDirectory directory;
  copy_renamed(read_golden("gelu"), directory, unchanged, {{"extra.thing", "classifier.bias"}});
  CHECK(model_error([&] { load(directory.path()); }).find("model.ignore") != std::string::npos);
  CHECK(load_model(directory.path(), {.ignore = {"extra.?hing"}}).report.ignored == Names{"extra.thing"});
  const testing::TemporaryDirectory other;
  copy_renamed(read_golden("bert_masked_lm"), other, unchanged, {{"extra.thing", "cls.predictions.bias"}});
  LoadRequest request{.head = HeadKind::kMaskedLm};
  CHECK(model_error([&] { load_model(other.path(), request); }).find("extra.thing") != std::string::npos);
  request.ignore = {"extra.*"};
  CHECK(load_model(other.path(), request).report.ignored == Names{"extra.thing"});
}

TEST_CASE("A weight that a pattern names is as good as not stored") {
  const GoldenModel golden = read_golden("gelu");
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.ignore = {"classifier.*"};
  CHECK(model_error([&] { load_model(golden.directory, request); }).find("has no classifier") != std::string::npos);
  request.labels = {"a", "b"};
  CHECK_FALSE(load_model(golden.directory, request).report.head_kept);
}

TEST_CASE("Labels of a head that is replaced play no part") {
  const Json id2label = GENERATE(Json{{"0", 3}, {"1", 4}}, Json{{"0", "same"}, {"1", "same"}},
                                 Json{{"0", "a"}, {"7", "b"}}, Json::array({"a"}));
  CAPTURE(id2label);
  const testing::TemporaryDirectory directory;
  copy_renamed(read_golden("gelu"), directory, unchanged, {}, {{"id2label", id2label}});
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.labels = {"x", "y", "z"};
  request.policy = HeadPolicy::kNew;
  const LoadedModel loaded = load_model(directory.path(), request);
  CHECK(loaded.model->labels() == request.labels);
  for (const HeadPolicy policy : {HeadPolicy::kAuto, HeadPolicy::kKeep}) {
    request.policy = policy;
    CHECK(model_error([&] { load_model(directory.path(), request); }).find("id2label") != std::string::npos);
  }
}

}  // namespace
}  // namespace llmtool
