#include "llmtool/optim/options.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace llmtool {
namespace {

struct CollectedErrors : FieldErrors {
  std::vector<std::string> fields;
  void add(const std::string& field, const std::string& message) override {
    CHECK_FALSE(message.empty());
    fields.push_back(field);
  }
};

std::vector<std::string> broken_fields(const OptimizerOptions& options) {
  CollectedErrors errors;
  options.check(errors);
  return errors.fields;
}

TEST_CASE("Default optimizer settings break no rule") { CHECK(broken_fields({}).empty()); }

TEST_CASE("Decoupled weight decay is refused for optimizers other than adamw") {
  OptimizerOptions options;
  options.weight_decay = 0.01;
  CHECK(broken_fields(options).empty());
  for (const auto name : {OptimizerKind::kAdam, OptimizerKind::kSgd, OptimizerKind::kRmsProp}) {
    options.name = name;
    CHECK(broken_fields(options) == std::vector<std::string>{"weight_decay"});
  }
}

TEST_CASE("A setting the chosen optimizer would ignore is reported") {
  OptimizerOptions adamw;
  adamw.momentum = 0.9;
  adamw.nesterov = true;
  adamw.alpha = 0.9;
  adamw.centered = true;
  CHECK(broken_fields(adamw) == std::vector<std::string>{"momentum", "nesterov", "alpha", "centered"});

  OptimizerOptions sgd;
  sgd.name = OptimizerKind::kSgd;
  sgd.beta1 = 0.8;
  sgd.beta2 = 0.8;
  sgd.epsilon = 1e-6;
  CHECK(broken_fields(sgd) == std::vector<std::string>{"beta1", "beta2", "epsilon"});
}

TEST_CASE("Nesterov needs momentum") {
  OptimizerOptions sgd;
  sgd.name = OptimizerKind::kSgd;
  sgd.nesterov = true;
  CHECK(broken_fields(sgd) == std::vector<std::string>{"nesterov"});
  sgd.momentum = 0.9;
  CHECK(broken_fields(sgd).empty());
}

TEST_CASE("Warm-up below one is a share rounded up and from one on a number of steps") {
  CHECK(Warmup{0.0}.steps(100) == 0);
  CHECK(Warmup{0.1}.steps(101) == 11);
  CHECK(Warmup{1.0}.steps(100) == 1);
  CHECK(Warmup{250.0}.steps(100) == 250);
}

TEST_CASE("Warm-up survives a round trip through JSON") {
  for (const Json& json : {Json(0.25), Json(0.0), Json(1), Json(500)}) CHECK(Warmup::from_json(json).to_json() == json);
}

TEST_CASE("Warm-up refuses negative values and steps that are not whole") {
  for (const Json& json : {Json(-0.1), Json(1.5), Json("10%"), Json(true), Json(1e300)})
    CHECK_THROWS_AS(Warmup::from_json(json), ValueError);
}

}  // namespace
}  // namespace llmtool
