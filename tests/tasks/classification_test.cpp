#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <numeric>

#include "llmtool/core/errors.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/models/scoring_heads.h"
#include "llmtool/tasks/classification/objective.h"
#include "tiny_classifier.h"

namespace llmtool {
namespace {

constexpr std::int64_t kNumExamples = 57;

const LabelSet kLabels({"bad", "fair", "good"});

ClassificationOptions weighted_and_smoothed() {
  ClassificationOptions options;
  options.class_weights = {LabelWeights::Kind::kByName, {{"bad", 2.0}, {"good", 0.5}}};
  options.label_smoothing = 0.1;
  return options;
}

std::vector<std::int64_t> all_examples() {
  std::vector<std::int64_t> examples(kNumExamples);
  std::iota(examples.begin(), examples.end(), 0);
  return examples;
}

ClassificationEvaluation evaluate(const ClassificationObjective& task, const EncodedDataset& dataset,
                                  const ScoringOptions& options) {
  return task.evaluate(*testing::make_tiny_classifier(3), dataset, options, "evaluating", silent_events());
}

void check_equal(const MetricReport& left, const MetricReport& right) {
  REQUIRE(left.metrics.size() == right.metrics.size());
  for (std::size_t i = 0; i < left.metrics.size(); ++i) {
    INFO(left.metrics[i].name);
    REQUIRE(left.metrics[i].value.has_value() == right.metrics[i].value.has_value());
    if (left.metrics[i].value) CHECK(*left.metrics[i].value == Approx(*right.metrics[i].value).margin(1e-6));
  }
}

struct Loss {
  at::Tensor sum;
  double denominator = 0.0;
};

Loss loss(const ClassificationObjective& objective, const Model& model, const EncodedDataset& dataset,
          std::span<const std::int64_t> examples) {
  const ClassificationBatch batch = objective.make_batch(dataset, examples, at::kCPU);
  const std::vector<LossTerm> terms = objective.loss(model, batch);
  REQUIRE(terms.size() == 1);
  REQUIRE(batch.denominators.size() == 1);
  return {terms.front().sum, batch.denominators.front()};
}

TEST_CASE("a model input holds the features behind each other in the order asked for") {
  const EncodedDataset dataset = testing::make_tiny_dataset(5, 2);
  const std::vector<std::int64_t> features{3, 0};
  const ModelInput input = make_model_input(dataset, features, at::kCPU);
  const auto& ids = dataset.column<std::int32_t>(kInputIds);
  std::vector<std::int64_t> expected(ids.row(3).begin(), ids.row(3).end());
  expected.insert(expected.end(), ids.row(0).begin(), ids.row(0).end());
  CHECK(at::equal(input.input_ids, at::tensor(expected, at::kLong)));
  CHECK(input.layout.num_sequences() == 2);
  CHECK(input.layout.lengths().front() == static_cast<std::int64_t>(ids.row(3).size()));
  CHECK(input.token_type_ids.numel() == input.input_ids.numel());
}

TEST_CASE("an evaluation does not depend on batch size or token budget") {
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 3);
  const ClassificationObjective task(kLabels, weighted_and_smoothed());
  const MetricReport whole = evaluate(task, dataset, {1000, 100000}).report;
  for (const std::int64_t batch_size : {1, 4, 64}) check_equal(evaluate(task, dataset, {batch_size, 30}).report, whole);
}

TEST_CASE("an evaluation does not depend on the number of threads") {
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 3);
  const ClassificationObjective task(kLabels, weighted_and_smoothed());
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const MetricReport one = evaluate(task, dataset, {}).report;
  at::set_num_threads(3);
  const MetricReport three = evaluate(task, dataset, {}).report;
  at::set_num_threads(before);
  check_equal(one, three);
}

TEST_CASE("an evaluation keeps the order of the dataset") {
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 3);
  const auto model = testing::make_tiny_classifier(3);
  const ClassScores scores = evaluate(ClassificationObjective(kLabels), dataset, {}).scores;
  const at::NoGradGuard no_gradients;
  for (const std::int64_t example : {0, 13, 56}) {
    const at::Tensor logits = classification_logits(*model, make_model_input(dataset, {&example, 1}, at::kCPU));
    const at::Tensor expected = logits.to(at::kDouble).log_softmax(1).squeeze(0);
    for (std::int64_t label = 0; label < 3; ++label)
      CHECK(scores.log_probability(example, label) == Approx(expected[label].item<double>()).margin(1e-5));
    CHECK(scores.gold(example) == dataset.column<std::int64_t>(kLabel).row(example).front());
  }
}

TEST_CASE("the evaluated loss is the training objective and equals log loss without weights and smoothing") {
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 3);
  const MetricReport plain = evaluate(ClassificationObjective(kLabels), dataset, {}).report;
  CHECK(plain.metrics.front().name == "loss");
  CHECK(*plain.find("loss")->value == Approx(*plain.find("log_loss")->value).epsilon(1e-9));

  const ClassificationObjective task(kLabels, weighted_and_smoothed());
  const Loss whole = loss(task, *testing::make_tiny_classifier(3), dataset, all_examples());
  CHECK(*evaluate(task, dataset, {}).report.find("loss")->value ==
        Approx(whole.sum.item<double>() / whole.denominator).epsilon(1e-5));
}

TEST_CASE("losses and denominators of micro-batches add up to those of the whole") {
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 3);
  const ClassificationObjective task(kLabels, weighted_and_smoothed());
  const auto model = testing::make_tiny_classifier(3);
  const std::vector<std::int64_t> examples = all_examples();
  const Loss whole = loss(task, *model, dataset, examples);
  double sum = 0.0;
  double denominator = 0.0;
  for (std::size_t begin = 0; begin < examples.size(); begin += 10) {
    const auto part = std::span(examples).subspan(begin, std::min<std::size_t>(10, examples.size() - begin));
    const Loss of_part = loss(task, *model, dataset, part);
    sum += of_part.sum.item<double>();
    denominator += of_part.denominator;
  }
  CHECK(sum == Approx(whole.sum.item<double>()).epsilon(1e-5));
  CHECK(denominator == Approx(whole.denominator));
  CHECK(whole.sum.requires_grad());
}

TEST_CASE("an evaluation switches dropout off and leaves the model in training mode") {
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 3);
  const ClassificationObjective task(kLabels);
  const auto model = testing::make_tiny_classifier(3, 0.5);
  model->train();
  const MetricReport first = task.evaluate(*model, dataset, {}, "evaluating", silent_events()).report;
  const MetricReport second = task.evaluate(*model, dataset, {}, "evaluating", silent_events()).report;
  CHECK(model->is_training());
  check_equal(first, second);
}

TEST_CASE("a model that returns NaN is an error") {
  const auto model = testing::make_tiny_classifier(3);
  {
    const at::NoGradGuard no_gradients;
    for (const WeightRow& row : model->head_rows()) row.tensor.fill_(std::nan(""));
  }
  const EncodedDataset dataset = testing::make_tiny_dataset(4, 3);
  CHECK_THROWS_AS(ClassificationObjective(kLabels).evaluate(*model, dataset, {}, "evaluating", silent_events()),
                  NonFiniteError);
}

TEST_CASE("the positive label is found by name and refused for more than two labels") {
  const LabelSet two({"no", "yes"});
  const EncodedDataset dataset = testing::make_tiny_dataset(kNumExamples, 2);
  const ClassificationObjective task(two, {}, {}, "no");
  const MetricReport report =
      task.evaluate(*testing::make_tiny_classifier(2), dataset, {}, "evaluating", silent_events()).report;
  CHECK(report.details.at("positive_label") == "no");
  CHECK_THROWS_WITH(ClassificationObjective(two, {}, {}, "maybe"),
                    Catch::Contains("'maybe'") && Catch::Contains("'yes'"));
  CHECK_THROWS_WITH(ClassificationObjective(kLabels, {}, {}, "good"), Catch::Contains("there are 3"));
}

}  // namespace
}  // namespace llmtool
