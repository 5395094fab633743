#include "llmtool/optim/options.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {
namespace {

struct CollectedErrors : FieldErrors {
  std::vector<std::string> fields;
  std::vector<std::string> messages;
  void add(const std::string& field, const std::string& message) override {
    fields.push_back(field);
    messages.push_back(message);
  }
};

std::vector<std::string> broken_fields(const OptimizerOptions& options) {
  CollectedErrors errors;
  options.check(errors);
  return errors.fields;
}

std::vector<std::string> messages_of(const OptimizerOptions& options) {
  CollectedErrors errors;
  options.check(errors);
  return errors.messages;
}

struct HelpOfFields {
  std::map<std::string, std::string> texts;
  template <class T, class... Rules>
  void operator()(const char* name, const T&, const char* help, const Rules&...) {
    texts[name] = help;
  }
};

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

// What the section's help says of a setting.
std::string help_of(const std::string& setting) {
  HelpOfFields help;
  const OptimizerOptions options;
  OptimizerOptions::visit_fields(options, help);
  return help.texts.at(setting);
}

TEST_CASE("Help and refusal of a setting name the optimizers whose rows list it") {
  CHECK(help_of("momentum") == "sgd, rmsprop: share of the previous update that is kept.");
  CHECK(help_of("epsilon") == "adamw, adam, rmsprop: added to the denominator.");
  OptimizerOptions options;
  options.momentum = 0.5;
  CHECK(messages_of(options) == std::vector<std::string>{"adamw does not use it; it belongs to sgd and rmsprop: remove "
                                                         "it or choose another optimizer"});
  options = {};
  options.name = OptimizerKind::kSgd;
  options.epsilon = 1e-6;
  options.weight_decay = 0.1;
  CHECK(messages_of(options) ==
        std::vector<std::string>{"decoupled weight decay belongs to adamw; with sgd use l2_penalty, which is added to "
                                 "the gradient",
                                 "sgd does not use it; it belongs to adamw, adam and rmsprop: remove it or choose "
                                 "another optimizer"});
}

TEST_CASE("Every setting that the row of an optimizer lists is a key of the section") {
  for_each_optimizer([](const auto& row) {
    for (const std::string_view setting : row.kSettings) {
      CAPTURE(row.kName, setting);
      CHECK_FALSE(help_of(std::string(setting)).empty());
    }
  });
}

}  // namespace
}  // namespace llmtool
