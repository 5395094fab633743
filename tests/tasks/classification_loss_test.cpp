#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/tasks/classification/objective.h"

namespace llmtool {
namespace {

at::Tensor matrix(const Json& rows) {
  std::vector<float> values;
  for (const Json& row : rows)
    for (const Json& value : row) values.push_back(value.get<float>());
  return at::tensor(values).view({static_cast<std::int64_t>(rows.size()), -1});
}

Json goldens() { return read_json_file(testing::fixture("tasks/cross_entropy.json"), ExitCode::kInternal); }

TEST_CASE("the loss and its gradient equal the cross entropy of torch with weights and label smoothing") {
  for (const Json& golden : goldens()) {
    INFO(golden["name"]);
    const ClassificationLoss loss(golden["weights"], golden["label_smoothing"]);
    const std::vector<std::int64_t> labels = golden["labels"];
    const at::Tensor logits = matrix(golden["logits"]).requires_grad_();
    const at::Tensor sum = loss.sum(logits, labels);
    const at::Tensor mean = sum / loss.denominator(labels);
    CHECK(sum.item<double>() == Approx(golden["sum"].get<double>()).epsilon(1e-6));
    CHECK(mean.item<double>() == Approx(golden["mean"].get<double>()).epsilon(1e-6));
    mean.backward();
    CHECK((logits.grad() - matrix(golden["gradient_of_mean"])).abs().max().item<double>() < 1e-6);
  }
}

TEST_CASE("the loss summed example by example in double equals the loss of the batch") {
  for (const Json& golden : goldens()) {
    INFO(golden["name"]);
    const ClassificationLoss loss(golden["weights"], golden["label_smoothing"]);
    const std::vector<std::int64_t> labels = golden["labels"];
    double sum = 0.0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::vector<double> logits = golden["logits"][i];
      const at::Tensor log_probabilities = at::tensor(logits, at::kDouble).log_softmax(0).contiguous();
      sum += loss.of_example({log_probabilities.const_data_ptr<double>(), logits.size()}, labels[i]);
    }
    CHECK(sum == Approx(golden["sum"].get<double>()).epsilon(1e-12));
  }
}

TEST_CASE("weights that make no loss are refused") {
  CHECK_THROWS_AS(ClassificationLoss({1.0, -1.0}, 0.0), ConfigError);
  CHECK_THROWS_WITH(ClassificationLoss({0.0, 0.0}, 0.0), Catch::Contains("every class weight is 0"));
}

}  // namespace
}  // namespace llmtool
