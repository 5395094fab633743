// Our trainer and question answering together against transformers' Trainer.

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_run.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/question_answering/objective.h"

namespace llmtool {
namespace {

using testing::fixture;

EncodedDataset question_dataset(const Json& examples) {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  dataset.add_column<std::int64_t>(std::string(kAnswerTokens));
  std::int64_t id = 0;
  for (const Json& example : examples) {
    dataset.column<std::int32_t>(kInputIds).append(example.at("input_ids").get<std::vector<std::int32_t>>());
    dataset.column<std::int32_t>(kTokenTypeIds).append(example.at("token_type_ids").get<std::vector<std::int32_t>>());
    dataset.column<std::int64_t>(kAnswerTokens).append(example.at("answer_tokens").get<std::vector<std::int64_t>>());
    dataset.finish_feature(id++);
  }
  return dataset;
}

class GoldenQuestionTrainable : public Trainable {
 public:
  explicit GoldenQuestionTrainable(const EncodedDataset& dataset)
      : dataset_(dataset),
        model_(llmtool::load_model(fixture("question_answering/training/model"), {.head = HeadKind::kQuestionAnswering})
                   .model) {
    model_->train();
    for (const NamedParameter& parameter : model_->trainable_parameters())
      parameters_.add(parameter.name, parameter.tensor, parameter.is_decayed);
  }

  std::int64_t num_examples() const override { return dataset_.num_features(); }
  std::int64_t num_tokens(std::int64_t, std::int64_t) const override { return 1; }
  std::string describe_example(std::int64_t example) const override { return std::to_string(example); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& batch) override {
    return std::make_unique<QuestionBatch>(make_question_batch(dataset_, batch.examples, at::kCPU));
  }
  std::vector<LossTerm> loss(const Batch& batch) override {
    return question_loss(*model_, static_cast<const QuestionBatch&>(batch));
  }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink&) override { return {}; }
  void save_model(const std::filesystem::path& directory) const override { save_pretrained(*model_, directory); }
  void load_model(const std::filesystem::path& directory) override { load_weights(directory, *model_); }

 private:
  const EncodedDataset& dataset_;
  std::shared_ptr<Model> model_;
  ParameterStore parameters_;
};

TEST_CASE("Twenty steps of question answering give the losses and weights of transformers") {
  const std::filesystem::path folder = fixture("question_answering/training");
  const Json golden = read_json_file((folder / "case.json").string(), ExitCode::kInternal);
  const EncodedDataset dataset = question_dataset(golden.at("examples"));
  GoldenQuestionTrainable trainable(dataset);
  testing::check_training(golden, folder / "after.safetensors", trainable);
}

// A window's loss is over its own tokens, however long the others of its batch are.
TEST_CASE("Windows of different lengths add up to the losses they have alone") {
  const Json golden = read_json_file(fixture("question_answering/training/case.json").string(), ExitCode::kInternal);
  const EncodedDataset dataset = question_dataset(golden.at("examples"));
  const auto model =
      llmtool::load_model(fixture("question_answering/training/model"), {.head = HeadKind::kQuestionAnswering}).model;
  const auto loss = [&](const std::vector<std::int64_t>& features) {
    return question_loss(*model, make_question_batch(dataset, features, at::kCPU)).front().sum.item<double>();
  };
  CHECK(loss({0, 13, 31}) == Approx(loss({0}) + loss({13}) + loss({31})).epsilon(1e-5));
}

}  // namespace
}  // namespace llmtool
