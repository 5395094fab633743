#include "llmtool/models/pretrained.h"

#include <ATen/Functions.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "../support/temporary_directory.h"
#include "golden_model.h"
#include "llmtool/formats/safetensors.h"

namespace llmtool {
namespace {

using testing::GoldenModel;
using testing::largest_difference;
using testing::last_hidden_states;
using testing::load;
using testing::model_error;
using testing::read_golden;
using Labels = std::vector<std::string>;
using Names = std::vector<std::string>;

constexpr double kTolerance = 1e-5;

// A copy of a golden checkpoint whose config is changed.
void copy_with_config(const GoldenModel& golden, const testing::TemporaryDirectory& directory, const Json& changes) {
  Json config = read_json_file((golden.directory / "config.json").string(), ExitCode::kInternal);
  for (const auto& [key, value] : changes.items()) config[key] = value;
  directory.write("config.json", to_json_text(config));
  std::filesystem::copy_file(golden.directory / "model.safetensors", directory / "model.safetensors");
}

TEST_CASE("Logits and hidden states equal those of Hugging Face for every shape and file layout") {
  const std::string name = GENERATE(as<std::string>{}, "gelu", "sharded", "bin", "fp16", "bf16", "fp64");
  CAPTURE(name);
  const GoldenModel golden = read_golden(name);
  const LoadedModel loaded = load(golden.directory);
  const at::Tensor logits = classification_logits(*loaded.model, golden.input);
  CHECK(largest_difference(logits, golden.expected.at("logits")) < kTolerance);
  CHECK(largest_difference(last_hidden_states(*loaded.model, golden.input), golden.expected.at("last_hidden_state")) <
        kTolerance);
  CHECK(loaded.report.head_kept);
  CHECK(loaded.report.created.empty());
}

TEST_CASE("Gradients of the loss equal those of Hugging Face") {
  const GoldenModel golden = read_golden("gelu");
  const LoadedModel loaded = load(golden.directory);
  loaded.model->train();  // its config has no dropout
  const auto labels = golden.facts["labels"].get<std::vector<std::int64_t>>();
  const at::Tensor targets = at::tensor(labels, at::TensorOptions().dtype(at::kLong));
  const at::Tensor loss = at::cross_entropy_loss(classification_logits(*loaded.model, golden.input), targets);
  CHECK(largest_difference(loss.reshape({1}), golden.expected.at("loss")) < kTolerance);
  loss.backward();
  for (const NamedParameter& parameter : loaded.model->trainable_parameters()) {
    CAPTURE(parameter.name);
    REQUIRE(parameter.tensor.grad().defined());
    const at::Tensor& expected = golden.expected.at("gradient." + parameter.name);
    CHECK(largest_difference(parameter.tensor.grad(), expected) < 3e-5);
  }
}

TEST_CASE("A sequence gets the same logits alone and in a batch") {
  const GoldenModel golden = read_golden("sharded");
  const LoadedModel loaded = load(golden.directory);
  const at::Tensor together = classification_logits(*loaded.model, golden.input);
  const SequenceLayout& layout = golden.input.layout;
  for (std::int64_t index = 0; index < layout.num_sequences(); ++index) {
    const std::int64_t start = layout.offsets()[index];
    const std::int64_t length = layout.lengths()[index];
    const ModelInput input{golden.input.input_ids.narrow(0, start, length),
                           golden.input.token_type_ids.narrow(0, start, length), SequenceLayout({length})};
    const at::Tensor alone = classification_logits(*loaded.model, input);
    CHECK(largest_difference(alone[0], together[index]) < 2e-6);
  }
}

TEST_CASE("A bare body with old names and no pooler gets a new head and pooler") {
  const GoldenModel golden = read_golden("old_names");
  const LoadedModel loaded = load(golden.directory, 3);
  const at::Tensor logits = classification_logits(*loaded.model, golden.input);
  CHECK(largest_difference(last_hidden_states(*loaded.model, golden.input), golden.expected.at("last_hidden_state")) <
        kTolerance);
  CHECK(logits.size(1) == 3);
  CHECK(loaded.report.created ==
        Names{"bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"});
  CHECK(loaded.report.ignored == Names{"embeddings.position_ids"});
  CHECK(loaded.report.head_reason == "the checkpoint is a BertModel, not a BertForSequenceClassification");
}

TEST_CASE("The heads of a pretraining checkpoint are reported as unused") {
  const GoldenModel golden = read_golden("pretraining");
  const LoadedModel loaded = load(golden.directory, 2);
  const ModelOutput output = loaded.model->forward(golden.input);
  CHECK(largest_difference(output.pooled, golden.expected.at("pooled")) < kTolerance);
  CHECK_FALSE(loaded.report.unused.empty());
  for (const std::string& name : loaded.report.unused) CHECK(name.starts_with("cls."));
}

TEST_CASE("A checkpoint that cannot classify is refused when no labels are given") {
  const GoldenModel golden = read_golden("pretraining");
  CHECK(model_error([&] { load(golden.directory); }).find("cannot classify") != std::string::npos);
}

TEST_CASE("A kept head keeps its order or takes that of the user with its logits") {
  const GoldenModel golden = read_golden("sharded");
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.labels = {"eins", "zwei", "drei", "vier", "fünf"};
  const LoadedModel kept = load_model(golden.directory, request);
  CHECK(kept.model->labels() == Labels{"fünf", "vier", "drei", "zwei", "eins"});
  request.labels_are_ordered = true;
  const LoadedModel ordered = load_model(golden.directory, request);
  CHECK(ordered.model->labels() == request.labels);
  CHECK(largest_difference(classification_logits(*ordered.model, golden.input), golden.expected.at("logits").flip(1)) <
        kTolerance);
}

TEST_CASE("A new head depends on the seed alone") {
  const GoldenModel golden = read_golden("gelu");
  const auto head = [&](std::uint64_t seed) {
    LoadRequest request{.head = HeadKind::kSequenceClassification};
    request.labels = {"x", "y", "z"};
    request.seed = seed;
    return testing::weight(*load_model(golden.directory, request).model, "classifier.weight");
  };
  CHECK(head(1).equal(head(1)));
  CHECK_FALSE(head(1).equal(head(2)));
  CHECK(head(1).std().item<double>() == Approx(0.02).epsilon(0.3));
}

TEST_CASE("Weights that do not fit the config are all listed and nothing huge is allocated for them") {
  const GoldenModel golden = read_golden("gelu");
  const testing::TemporaryDirectory directory;
  copy_with_config(golden, directory, {{"num_hidden_layers", 3}, {"vocab_size", 16000000}});
  const std::string message = model_error([&] { load(directory.path()); });
  CHECK(message.find("missing (16)") != std::string::npos);
  CHECK(message.find("'bert.encoder.layer.2.attention.self.query.weight'") != std::string::npos);
  CHECK(message.find("is [120, 32], the config asks for [16000000, 32]") != std::string::npos);
}

TEST_CASE("A kept head without its pooler is refused") {
  const GoldenModel golden = read_golden("gelu");
  const testing::TemporaryDirectory directory;
  const SafetensorsFile file(golden.directory / "model.safetensors");
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names())
    if (name.find("pooler") == std::string::npos) tensors.push_back({name, *file.find(name)});
  write_safetensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  std::filesystem::copy_file(golden.directory / "config.json", directory / "config.json");
  CHECK(model_error([&] { load(directory.path()); }).find("bert.pooler.dense.weight") != std::string::npos);
}

TEST_CASE("Dropout overrides change the model and the config it is saved with") {
  const GoldenModel golden = read_golden("gelu");
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.dropout.hidden = 0.5;
  const auto model = load_model(golden.directory, request).model;
  CHECK(model->config()["hidden_dropout_prob"] == 0.5);
  model->train();
  CHECK_FALSE(classification_logits(*model, golden.input).equal(classification_logits(*model, golden.input)));
}

TEST_CASE("Weight decay spares biases and LayerNorm") {
  const auto model = load(read_golden("gelu").directory).model;
  for (const NamedParameter& parameter : model->trainable_parameters()) {
    const bool spared = parameter.name.ends_with(".bias") || parameter.name.find("LayerNorm") != std::string::npos;
    CHECK(parameter.is_decayed != spared);
  }
}

}  // namespace
}  // namespace llmtool
