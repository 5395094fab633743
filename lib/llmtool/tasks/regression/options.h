#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// How far a number is from the one it should be: the squared difference, the absolute one, or Huber's, which is squared
// up to a delta and grows in a straight line beyond it.
enum class RegressionLoss { kMse, kMae, kHuber };

template <>
struct EnumNames<RegressionLoss> {
  static constexpr std::array kNames{std::pair{RegressionLoss::kMse, std::string_view("mse")},
                                     std::pair{RegressionLoss::kMae, std::string_view("mae")},
                                     std::pair{RegressionLoss::kHuber, std::string_view("huber")}};
};

// The fields are named as in section `data` of the run config.
struct RegressionDataOptions {
  bool standardize = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit(
        "standardize", self.standardize,
        "Regression: learn numbers at mean 0 and standard deviation 1 of the training data. eval and predict undo it; "
        "other tools read it as target_mean and target_deviation in the model's config.json.");
  }
};

// The fields are named as in section `training` of the run config.
struct RegressionTrainingOptions {
  RegressionLoss regression_loss = RegressionLoss::kMse;
  double huber_delta = 1.0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit(
        "regression_loss", self.regression_loss,
        "Regression: mse (squared error), mae (absolute error) or huber (squared up to huber_delta, straight beyond).");
    visit("huber_delta", self.huber_delta, "Regression: where Huber's loss turns straight.", in_range(1e-6, 1e6));
  }
};

// How numbers are scaled for training, target by target: (number - mean) / deviation.
struct TargetScale {
  std::vector<double> mean;
  std::vector<double> deviation;

  // Leaves numbers as they are.
  static TargetScale none(std::size_t num_targets);
  // Of the config.json of a model; none() where it says nothing. `file` is for messages. Throws ModelError.
  static TargetScale of_model(const Json& config, std::size_t num_targets, const std::string& file);
};

TaskRow regression_row();

}  // namespace llmtool
