// Tasks over whole texts against transformers' Trainer: scripts/reference/text_tasks_goldens.py.

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_run.h"
#include "llmtool/core/json.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/multi_label/objective.h"
#include "llmtool/tasks/regression/objective.h"

namespace llmtool {
namespace {

using testing::fixture;

EncodedDataset make_texts(const Json& examples) {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  for (const Json& example : examples) {
    const auto ids = example.at("input_ids").get<std::vector<std::int32_t>>();
    dataset.column<std::int32_t>(kInputIds).append(ids);
    dataset.column<std::int32_t>(kTokenTypeIds).append(std::vector<std::int32_t>(ids.size(), 0));
    dataset.finish_feature(dataset.num_features());
  }
  return dataset;
}

// An objective with what its examples are to give.
class MultiLabelCase {
 public:
  MultiLabelCase(const Json& golden, const Model& model, const EncodedDataset& dataset)
      : dataset_(dataset), objective_(LabelSet(model.labels()), weights(golden, model)) {
    for (const Json& ids : golden.at("targets")) label_ids_.append(ids.get<std::vector<std::int64_t>>());
  }
  std::unique_ptr<Batch> make_batch(std::span<const std::int64_t> examples) const {
    return std::make_unique<MultiLabelBatch>(objective_.make_batch({dataset_, label_ids_}, examples, at::kCPU));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const {
    return objective_.loss(model, static_cast<const MultiLabelBatch&>(batch));
  }
  double evaluate(Model& model) const {
    return objective_.evaluate(model, {dataset_, label_ids_}, {}, "evaluating", silent_events()).loss;
  }

 private:
  static LabelWeights weights(const Json& golden, const Model& model) {
    LabelWeights weights;
    if (!golden.contains("pos_weight")) return weights;
    weights.kind = LabelWeights::Kind::kByName;
    for (std::size_t label = 0; label < model.labels().size(); ++label)
      weights.by_name[model.labels()[label]] = golden.at("pos_weight")[label].get<double>();
    return weights;
  }

  const EncodedDataset& dataset_;
  RaggedColumn<std::int64_t> label_ids_;
  MultiLabelObjective objective_;
};

class RegressionCase {
 public:
  RegressionCase(const Json& golden, const Model& model, const EncodedDataset& dataset)
      : dataset_(dataset), objective_(model.labels(), TargetScale::none(model.labels().size()), options(golden)) {
    for (const Json& numbers : golden.at("targets"))
      for (const Json& number : numbers) numbers_.push_back(number.get<double>());
  }
  std::unique_ptr<Batch> make_batch(std::span<const std::int64_t> examples) const {
    return std::make_unique<RegressionBatch>(objective_.make_batch({dataset_, numbers_}, examples, at::kCPU));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const {
    return objective_.loss(model, static_cast<const RegressionBatch&>(batch));
  }
  double evaluate(Model& model) const {
    const RegressionEvaluation found =
        objective_.evaluate(model, {dataset_, numbers_}, {}, "evaluating", silent_events());
    return found.report.find("loss")->value.value();
  }

 private:
  static RegressionTrainingOptions options(const Json& golden) {
    RegressionTrainingOptions options;
    if (golden.contains("regression_loss"))
      options.regression_loss = enum_from_name<RegressionLoss>(golden.at("regression_loss").get<std::string>()).value();
    options.huber_delta = golden.value("huber_delta", options.huber_delta);
    return options;
  }

  const EncodedDataset& dataset_;
  std::vector<double> numbers_;
  RegressionObjective objective_;
};

template <class Case>
class TextTaskTrainable : public Trainable {
 public:
  TextTaskTrainable(const std::string& name, const Json& golden, const EncodedDataset& dataset)
      : dataset_(dataset),
        model_(llmtool::load_model(fixture("text_tasks/" + name), {.head = HeadKind::kSequenceClassification}).model),
        case_(golden, *model_, dataset) {
    model_->train();
    for (const NamedParameter& parameter : model_->trainable_parameters())
      parameters_.add(parameter.name, parameter.tensor, parameter.is_decayed);
  }

  std::int64_t num_examples() const override { return dataset_.num_features(); }
  std::int64_t num_tokens(std::int64_t, std::int64_t) const override { return 1; }
  std::string describe_example(std::int64_t example) const override { return std::to_string(example); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& batch) override { return case_.make_batch(batch.examples); }
  std::vector<LossTerm> loss(const Batch& batch) override { return case_.loss(*model_, batch); }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink&) override { return {}; }
  void save_model(const std::filesystem::path& directory) const override { save_pretrained(*model_, directory); }
  void load_model(const std::filesystem::path& directory) override { load_weights(directory, *model_); }

  // The loss of all examples as an evaluation finds it, in double, and as training does.
  std::pair<double, double> losses() {
    std::vector<std::int64_t> all;
    for (std::int64_t example = 0; example < num_examples(); ++example) all.push_back(example);
    const std::unique_ptr<Batch> batch = case_.make_batch(all);
    const double sum = case_.loss(*model_, *batch).front().sum.template item<double>();
    return {case_.evaluate(*model_), sum / batch->denominators.front()};
  }

 private:
  const EncodedDataset& dataset_;
  std::shared_ptr<Model> model_;
  Case case_;
  ParameterStore parameters_;
};

template <class Case>
void check_case(const std::string& name, const Json& golden, const EncodedDataset& dataset) {
  TextTaskTrainable<Case> trainable(name, golden, dataset);
  const auto [evaluated, trained] = trainable.losses();
  CHECK(evaluated == Approx(trained).epsilon(1e-5));
  testing::check_training(golden, fixture("text_tasks/" + name + ".safetensors"), trainable);
}

TEST_CASE("Twenty steps of tasks over whole texts give the losses and weights of transformers") {
  const Json goldens = read_json_file(fixture("text_tasks/cases.json").string(), ExitCode::kInternal);
  const EncodedDataset dataset = make_texts(goldens.at("examples"));
  for (const auto& [name, golden] : goldens.at("cases").items()) {
    CAPTURE(name);
    if (golden.at("problem_type") == "regression")
      check_case<RegressionCase>(name, golden, dataset);
    else
      check_case<MultiLabelCase>(name, golden, dataset);
  }
}

}  // namespace
}  // namespace llmtool
