#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_model.h"

namespace llmtool {
namespace {

using testing::largest_difference;
using testing::load;
using testing::read_golden;

Json read_config(const std::filesystem::path& directory) {
  return read_json_file((directory / "config.json").string(), ExitCode::kInternal);
}

TEST_CASE("A saved model holds the names and shapes that Hugging Face writes and nothing else") {
  const testing::GoldenModel golden = read_golden("gelu");
  const LoadedModel loaded = load(golden.directory);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path());
  testing::check_same_weights(directory / "model.safetensors", golden.directory / "model.safetensors");
}

TEST_CASE("A saved config keeps unknown keys and writes labels as Hugging Face does") {
  const testing::GoldenModel golden = read_golden("old_names");
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.labels = {"no", "yes"};
  const LoadedModel loaded = load_model(golden.directory, request);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path());
  const Json config = read_config(directory.path());
  CHECK(config["architectures"] == Json::array({"BertForSequenceClassification"}));
  CHECK(config["id2label"] == Json({{"0", "no"}, {"1", "yes"}}));
  CHECK(config["label2id"] == Json({{"no", 0}, {"yes", 1}}));
  CHECK(config["dtype"] == "float32");
  CHECK(config["problem_type"] == "single_label_classification");
  CHECK(config["tie_word_embeddings"] == true);
  CHECK(config["transformers_version"] == "5.17.0");
}

TEST_CASE("A saved model loads again with the same logits and its own labels") {
  const testing::GoldenModel golden = read_golden("bin");
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.labels = {"no", "yes", "perhaps"};
  const LoadedModel first = load_model(golden.directory, request);
  const testing::TemporaryDirectory directory;
  save_pretrained(*first.model, directory.path());
  const LoadedModel again = load(directory.path());
  CHECK(again.model->labels() == request.labels);
  CHECK(classification_logits(*again.model, golden.input).equal(classification_logits(*first.model, golden.input)));
}

TEST_CASE("Weights reload into the very tensors of a model and only its own fit") {
  const testing::GoldenModel golden = read_golden("gelu");
  const LoadedModel loaded = load(golden.directory);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path());
  const at::Tensor weight = testing::weight(*loaded.model, "classifier.weight");
  const at::Tensor before = weight.detach().clone();
  {
    const at::NoGradGuard no_grad;
    weight.zero_();
  }
  load_weights(directory.path(), *loaded.model);
  CHECK(weight.detach().equal(before));
  const LoadedModel other = load(read_golden("bin").directory);
  CHECK_THROWS_AS(load_weights(directory.path(), *other.model), ModelError);
}

}  // namespace
}  // namespace llmtool
