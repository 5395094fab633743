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
  const PretrainedClassifier loaded = load(golden.directory);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path(), loaded.labels);
  testing::check_same_weights(directory / "model.safetensors", golden.directory / "model.safetensors");
}

TEST_CASE("A saved config keeps unknown keys and writes labels as Hugging Face does") {
  const testing::GoldenModel golden = read_golden("old_names");
  PretrainedRequest request;
  request.labels = {"no", "yes"};
  const PretrainedClassifier loaded = load_pretrained(golden.directory, request);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path(), loaded.labels);
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
  PretrainedRequest request;
  request.labels = {"no", "yes", "perhaps"};
  const PretrainedClassifier first = load_pretrained(golden.directory, request);
  const testing::TemporaryDirectory directory;
  save_pretrained(*first.model, directory.path(), first.labels);
  const PretrainedClassifier again = load(directory.path());
  CHECK(again.labels == request.labels);
  CHECK(again.model->forward(golden.input).logits.equal(first.model->forward(golden.input).logits));
}

TEST_CASE("Weights reload into the very tensors of a model and only its own fit") {
  const testing::GoldenModel golden = read_golden("gelu");
  const PretrainedClassifier loaded = load(golden.directory);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path(), loaded.labels);
  const at::Tensor weight = testing::weight(*loaded.model, "classifier.weight");
  const at::Tensor before = weight.detach().clone();
  {
    const at::NoGradGuard no_grad;
    weight.zero_();
  }
  load_weights(directory.path(), *loaded.model);
  CHECK(weight.detach().equal(before));
  const PretrainedClassifier other = load(read_golden("bin").directory);
  CHECK_THROWS_AS(load_weights(directory.path(), *other.model), ModelError);
}

}  // namespace
}  // namespace llmtool
