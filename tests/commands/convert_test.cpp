#include "llmtool/commands/convert.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

using testing::fixture;
using testing::TemporaryDirectory;

std::string first_architecture(const std::filesystem::path& directory) {
  return read_json_file((directory / "config.json").string(), ExitCode::kModel).at("architectures").at(0);
}

at::Tensor hidden_states(const std::filesystem::path& directory) {
  const at::NoGradGuard no_gradients;
  const ModelInput input{at::arange(2, 9, at::kLong), at::Tensor(), SequenceLayout({7})};
  return load_model(directory, {}).model->forward(input).last_hidden_state;
}

TEST_CASE("An old checkpoint is written anew with the same weights and its tokenizer") {
  const TemporaryDirectory directory;
  for (const char* name : {"bin", "sharded", "old_names"}) {
    INFO(name);
    const auto output = directory / name;
    const ConvertResult result =
        convert_model({fixture(std::string("models/") + name), output, {}, {}}, silent_events());
    CHECK(result.architecture == first_architecture(output));
    CHECK(hidden_states(output).equal(hidden_states(fixture(std::string("models/") + name))));
    const SafetensorsFile file(output / "model.safetensors");
    const std::string prefix = result.architecture == "BertModel" ? "" : "bert.";
    CHECK(file.find(prefix + "embeddings.LayerNorm.weight") != nullptr);  // gamma in the oldest checkpoints
  }
}

TEST_CASE("The encoder is taken out of a language model") {
  const TemporaryDirectory directory;
  const auto output = directory / "encoder";
  const ConvertResult result =
      convert_model({fixture("models/bert_pretraining"), output, HeadKind::kNone, {}}, silent_events());
  CHECK(result.architecture == "BertModel");
  CHECK(result.report.created.empty());
  CHECK(first_architecture(output) == "BertModel");
  const SafetensorsFile file(output / "model.safetensors");
  CHECK(file.find("embeddings.word_embeddings.weight") != nullptr);
  for (const std::string& name : file.names()) CHECK(name.find("cls.") == std::string::npos);
}

TEST_CASE("Weights are written in half the bytes") {
  const TemporaryDirectory directory;
  const auto original = fixture("models/bert_masked_lm");
  for (const auto& [precision, type, name] : {std::tuple(StoredPrecision::kBf16, DType::kBF16, "bfloat16"),
                                              std::tuple(StoredPrecision::kFp16, DType::kF16, "float16")}) {
    const auto output = directory / name;
    convert_model({original, output, {}, precision}, silent_events());
    const SafetensorsFile file(output / "model.safetensors");
    for (const std::string& weight : file.names()) CHECK(file.find(weight)->dtype == type);
    const Json config = read_json_file((output / "config.json").string(), ExitCode::kModel);
    CHECK(config.at(config.contains("dtype") ? "dtype" : "torch_dtype") == name);
    CHECK((hidden_states(output) - hidden_states(original)).abs().max().item<double>() < 0.1);
  }
}

TEST_CASE("A head that is not supported is not lost without a word") {
  const TemporaryDirectory directory;
  const auto model = directory / "model";
  std::filesystem::copy(fixture("models/bert_masked_lm"), model, std::filesystem::copy_options::recursive);
  Json config = read_json_file((model / "config.json").string(), ExitCode::kModel);
  config["architectures"] = {"BertForMultipleChoice"};
  directory.write("model/config.json", config.dump());
  CHECK_THROWS_WITH(convert_model({model, directory / "out", {}, {}}, silent_events()),
                    Catch::Contains("BertForMultipleChoice") && Catch::Contains("--head none"));
  CHECK_NOTHROW(convert_model({model, directory / "out", HeadKind::kNone, {}}, silent_events()));
}

TEST_CASE("An output that exists and a head the checkpoint lacks are refused") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(convert_model({fixture("models/bert_bare"), directory.path(), {}, {}}, silent_events()),
                  ResourceError);
  const auto output = directory / "out";
  CHECK_THROWS_AS(convert_model({fixture("models/bert_bare"), output, HeadKind::kMaskedLm, {}}, silent_events()),
                  ModelError);
  CHECK_FALSE(std::filesystem::exists(output));
}

}  // namespace
}  // namespace llmtool
