// Our trainer, models and tasks together against transformers' Trainer.

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_run.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/classification/objective.h"

namespace llmtool {
namespace {

using testing::fixture;

EncodedDataset make_dataset(const Json& examples) {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  dataset.add_column<std::int64_t>(std::string(kLabel));
  std::int64_t id = 0;
  for (const Json& example : examples) {
    const auto ids = example.at("input_ids").get<std::vector<std::int32_t>>();
    const std::vector<std::int64_t> label{example.at("label").get<std::int64_t>()};
    dataset.column<std::int32_t>(kInputIds).append(ids);
    dataset.column<std::int32_t>(kTokenTypeIds).append(std::vector<std::int32_t>(ids.size(), 0));
    dataset.column<std::int64_t>(kLabel).append(label);
    dataset.finish_feature(id++);
  }
  return dataset;
}

class GoldenTrainable : public Trainable {
 public:
  explicit GoldenTrainable(const EncodedDataset& dataset)
      : dataset_(dataset),
        classifier_(llmtool::load_model(fixture("training/tiny_bert"), {.head = HeadKind::kSequenceClassification})),
        objective_(LabelSet(classifier_.model->labels())) {
    classifier_.model->train();
    for (const NamedParameter& parameter : classifier_.model->trainable_parameters()) {
      parameters_.add(parameter.name, parameter.tensor, parameter.is_decayed);
      CHECK(parameters_.find(parameter.name)->decayed == parameter.is_decayed);
    }
  }

  std::int64_t num_examples() const override { return dataset_.num_features(); }
  std::int64_t num_tokens(std::int64_t, std::int64_t) const override { return 1; }
  std::string describe_example(std::int64_t example) const override { return std::to_string(example); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& batch) override {
    return std::make_unique<ClassificationBatch>(objective_.make_batch(dataset_, batch.examples, at::kCPU));
  }
  std::vector<LossTerm> loss(const Batch& batch) override {
    return objective_.loss(*classifier_.model, static_cast<const ClassificationBatch&>(batch));
  }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink& events) override {
    return objective_.evaluate(*classifier_.model, dataset_, {}, "evaluating", events).report;
  }
  void save_model(const std::filesystem::path& directory) const override {
    save_pretrained(*classifier_.model, directory);
  }
  void load_model(const std::filesystem::path& directory) override { load_weights(directory, *classifier_.model); }

 private:
  const EncodedDataset& dataset_;
  LoadedModel classifier_;
  ClassificationObjective objective_;
  ParameterStore parameters_;
};

TEST_CASE("Twenty steps give the losses and weights of transformers with each optimizer") {
  const Json goldens = read_json_file(fixture("training/cases.json").string(), ExitCode::kInternal);
  const EncodedDataset dataset = make_dataset(goldens.at("examples"));
  for (const auto& [name, golden] : goldens.at("cases").items()) {
    INFO(name);
    GoldenTrainable trainable(dataset);
    testing::check_training(golden, fixture("training/" + name + ".safetensors"), trainable);
  }
}

}  // namespace
}  // namespace llmtool
