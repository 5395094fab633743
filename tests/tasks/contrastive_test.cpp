#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/contrastive/objective.h"

namespace llmtool {
namespace {

EncodedDataset dataset_of(const Json& sequences) {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  std::int64_t number = 0;
  for (const Json& sequence : sequences) {
    dataset.column<std::int32_t>(kInputIds).append(sequence.at("input_ids").get<std::vector<std::int32_t>>());
    dataset.column<std::int32_t>(kTokenTypeIds).append(sequence.at("token_type_ids").get<std::vector<std::int32_t>>());
    dataset.finish_feature(number++);
  }
  return dataset;
}

// What scripts/reference/contrastive_goldens.py made, with the model it was made with.
struct Golden {
  Json json = read_json_file(testing::fixture("tasks/contrastive.json").string(), ExitCode::kInternal);
  std::shared_ptr<Model> model = load_model(testing::fixture("models/bert_bare"), {}).model;
  std::vector<EncodedDataset> columns;

  Golden() {
    for (const Json& sequences : json.at("columns")) columns.push_back(dataset_of(sequences));
  }

  ContrastiveViews views(int num_columns) const {
    return {&columns[0], &columns[num_columns > 1 ? 1 : 0], num_columns > 2 ? &columns[2] : nullptr};
  }
};

ContrastiveObjective task_of(const Json& tested) {
  return {tested.at("temperature").get<double>(), *enum_from_name<Pooling>(tested.at("pooling").get<std::string>())};
}

constexpr std::int64_t kRows[] = {0, 1, 2, 3, 4, 5, 6};

TEST_CASE("The contrastive loss and its gradient are those of SimCSE in torch") {
  const Golden golden;
  for (const Json& tested : golden.json.at("cases")) {
    CAPTURE(tested.dump());
    const ContrastiveObjective task = task_of(tested);
    const ContrastiveViews views = golden.views(tested.at("num_columns").get<int>());
    const ContrastiveBatch batch = make_batch(views, kRows, at::kCPU);
    const LossTerm loss = task.loss(*golden.model, batch).front();
    CHECK(batch.denominators == std::vector<double>{7.0});
    CHECK(loss.sum.item<double>() == Approx(tested.at("loss_sum").get<double>()).epsilon(1e-5));
    golden.model->zero_grad();
    loss.sum.backward();
    for (const WeightRow& row : golden.model->weight_rows()) {
      if (row.name != golden.json.at("gradient_of").get<std::string>()) continue;
      const at::Tensor expected = at::tensor(tested.at("gradient").get<std::vector<float>>());
      CHECK((row.tensor.grad().flatten().narrow(0, 0, 8) - expected).abs().max().item<double>() < 1e-4);
    }
  }
}

TEST_CASE("A contrastive evaluation compares with all rows, whatever the batches") {
  const Golden golden;
  for (const Json& tested : golden.json.at("cases")) {
    CAPTURE(tested.dump());
    for (const std::int64_t batch_size : {1, 3, 64}) {
      const MetricReport report =
          task_of(tested).evaluate(*golden.model, golden.views(tested.at("num_columns").get<int>()), {batch_size, 8192},
                                   "evaluating", silent_events());
      CHECK(*report.find("loss")->value == Approx(tested.at("loss_sum").get<double>() / 7.0).epsilon(1e-5));
      for (const char* name : {"retrieval_accuracy", "mean_reciprocal_rank"})
        CHECK(*report.find(name)->value == Approx(tested.at(name).get<double>()).epsilon(1e-9));
    }
  }
}

TEST_CASE("Dropout makes a text differ from itself, which is what unsupervised training compares") {
  const Golden golden;
  DropoutOverrides dropout;
  dropout.hidden = 0.2;
  const auto model = load_model(testing::fixture("models/bert_bare"), {.dropout = dropout}).model;
  const ContrastiveObjective task(0.05, Pooling::kMean);
  const double without = task.loss(*model, make_batch(golden.views(1), kRows, at::kCPU)).front().sum.item<double>();
  model->train();
  CHECK(task.loss(*model, make_batch(golden.views(1), kRows, at::kCPU)).front().sum.item<double>() !=
        Approx(without).epsilon(1e-3));
}

}  // namespace
}  // namespace llmtool
