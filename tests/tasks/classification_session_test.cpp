#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include "../support/temporary_directory.h"
#include "../tasks/tiny_classifier.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/classification/session.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

const std::vector<std::string> kLabels{"bad", "good"};

const std::vector<TextInput> kTexts{{"this film is very good", std::nullopt},
                                    {"", std::nullopt},
                                    {"bad", std::nullopt},
                                    {"the plot was dull but the actor was nice and the scene was good", std::nullopt},
                                    {"unknown words here", std::nullopt},
                                    {"good film", "bad plot"}};

// What a session says about a text, with the scores it follows from.
struct Classification : ClassPrediction {
  std::vector<float> logits;
  std::int64_t num_tokens = 0;
  bool truncated = false;
};

std::vector<Classification> classify(const ClassificationSession& session, std::span<const TextInput> texts) {
  const ScoredTexts scored = session.score(texts);
  std::vector<Classification> results;
  for (std::size_t index = 0; index < texts.size(); ++index) {
    const std::span<const float> row = scored.scores.row(static_cast<std::int64_t>(index));
    results.push_back(
        {predict_class(row), {row.begin(), row.end()}, scored.num_tokens[index], scored.truncated[index]});
  }
  return results;
}

ClassificationSession load_classifier(const TemporaryDirectory& directory, const SessionOptions& options = {}) {
  testing::write_tiny_model(directory.path(), kLabels);
  return ClassificationSession::load(directory.path(), options);
}

void edit_config(const TemporaryDirectory& directory, const std::string& key, const Json& value) {
  Json config = read_json_file((directory / "config.json").string(), ExitCode::kModel);
  config[key] = value;
  directory.write("config.json", config.dump());
}

void check_equal(const std::vector<Classification>& left, const std::vector<Classification>& right) {
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    INFO("text " << i);
    CHECK(left[i].label == right[i].label);
    CHECK(left[i].num_tokens == right[i].num_tokens);
    CHECK(left[i].truncated == right[i].truncated);
    for (std::size_t label = 0; label < kLabels.size(); ++label)
      CHECK(left[i].probabilities[label] == Approx(right[i].probabilities[label]).margin(1e-6));
  }
}

TEST_CASE("a session in bf16 answers nearly as one in fp32") {
  const TemporaryDirectory directory;
  const std::vector<Classification> exact = classify(load_classifier(directory), kTexts);
  SessionOptions options;
  options.precision = Precision::kBf16;
  const std::vector<Classification> rounded = classify(load_classifier(directory, options), kTexts);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    CHECK(rounded[i].probabilities[0] == Approx(exact[i].probabilities[0]).margin(0.02));
    CHECK(rounded[i].logits != exact[i].logits);
  }
  options.precision = Precision::kAuto;
  CHECK_THROWS_AS(load_classifier(directory, options), std::logic_error);
}

TEST_CASE("a text gets the same classification alone and in any batch") {
  const TemporaryDirectory directory;
  const ClassificationSession session = load_classifier(directory);
  const std::vector<Classification> together = classify(session, kTexts);
  std::vector<Classification> alone;
  for (const TextInput& text : kTexts) alone.push_back(classify(session, {&text, 1}).front());
  check_equal(together, alone);

  SessionOptions small;
  small.scoring = {2, 12};
  check_equal(classify(ClassificationSession::load(directory.path(), small), kTexts), together);
}

TEST_CASE("a classification tells label probabilities logits and tokens") {
  const TemporaryDirectory directory;
  const ClassificationSession session = load_classifier(directory);
  const std::vector<Classification> results = classify(session, kTexts);
  CHECK(session.labels().names() == kLabels);
  CHECK(results[0].num_tokens == 7);
  CHECK(results[1].num_tokens == 2);
  CHECK(results[5].num_tokens == 7);
  for (const Classification& result : results) {
    const double ratio = std::exp(static_cast<double>(result.logits[1]) - static_cast<double>(result.logits[0]));
    CHECK(result.probabilities[1] == Approx(ratio / (1.0 + ratio)).margin(1e-12));
    CHECK(result.label == (result.logits[1] > result.logits[0] ? 1 : 0));
  }
  // Distinct texts get distinct scores: the tiny model does not answer a constant.
  CHECK(std::abs(results[0].logits[0] - results[2].logits[0]) > 1e-3F);
}

TEST_CASE("a session may be used by several threads at once") {
  const TemporaryDirectory directory;
  const ClassificationSession session = load_classifier(directory);
  const std::vector<Classification> expected = classify(session, kTexts);
  std::vector<std::vector<Classification>> results(4);
  {
    std::vector<std::jthread> threads;
    for (std::vector<Classification>& result : results)
      threads.emplace_back([&] {
        for (int repeat = 0; repeat < 20; ++repeat) result = classify(session, kTexts);
      });
  }
  for (const std::vector<Classification>& result : results) check_equal(result, expected);
}

TEST_CASE("texts are cut at max_length and say so") {
  const TemporaryDirectory directory;
  SessionOptions options;
  options.max_length = 4;
  const std::vector<Classification> results = classify(load_classifier(directory, options), kTexts);
  CHECK(results[0].truncated);
  CHECK(results[0].num_tokens == 4);
  CHECK_FALSE(results[2].truncated);
}

TEST_CASE("no texts give no classifications") {
  const TemporaryDirectory directory;
  CHECK(classify(load_classifier(directory), {}).empty());
}

TEST_CASE("a tokenizer with more ids than the embedding is warned of, a text with one of them refused") {
  const TemporaryDirectory directory;
  testing::write_tiny_model(directory.path(), kLabels);
  directory.write("vocab.txt", testing::read_file(directory / "vocab.txt") + "surplus\n");
  const auto session = ClassificationSession::load(directory.path());
  REQUIRE(session.warnings().size() == 1);
  CHECK_THAT(session.warnings().front(), Catch::Contains("a text with a token beyond them is an error"));
  const std::vector<TextInput> texts{{"surplus"}};
  CHECK_THROWS_WITH(classify(session, texts), Catch::Contains("the token 'surplus'"));
}

TEST_CASE("a max_length beyond the positions is refused") {
  const TemporaryDirectory directory;
  SessionOptions options;
  options.max_length = 33;
  CHECK_THROWS_WITH(load_classifier(directory, options), Catch::Contains("33") && Catch::Contains("32"));
}

TEST_CASE("a model without a classification head is told to be fine-tuned first") {
  const TemporaryDirectory directory;
  testing::write_tiny_model(directory.path(), kLabels);
  edit_config(directory, "architectures", {"BertModel"});
  CHECK_THROWS_WITH(ClassificationSession::load(directory.path()), Catch::Contains("fine-tune it first"));
}

TEST_CASE("a model for another problem is refused by its name") {
  const TemporaryDirectory directory;
  testing::write_tiny_model(directory.path(), kLabels);
  edit_config(directory, "problem_type", "multi_label_classification");
  CHECK_THROWS_WITH(ClassificationSession::load(directory.path()), Catch::Contains("multi_label_classification"));
}

TEST_CASE("a model with one output is no classifier") {
  const TemporaryDirectory directory;
  testing::write_tiny_model(directory.path(), {"only"});
  CHECK_THROWS_WITH(ClassificationSession::load(directory.path()), Catch::Contains("two labels"));
}

TEST_CASE("weights that are NaN are an error of their own") {
  const TemporaryDirectory directory;
  testing::write_tiny_model(directory.path(), kLabels);
  const auto model = testing::make_tiny_classifier(2);
  {
    const at::NoGradGuard no_gradients;
    for (const WeightRow& row : model->head_rows()) row.tensor.fill_(std::nan(""));
  }
  save_pretrained(*model, directory.path());
  CHECK_THROWS_AS(classify(ClassificationSession::load(directory.path()), kTexts), NonFiniteError);
}

TEST_CASE("a name instead of a folder is told that nothing is downloaded") {
  CHECK_THROWS_WITH(ClassificationSession::load("no-such-model"), Catch::Contains("nothing is downloaded"));
}

}  // namespace
}  // namespace llmtool
