#include "llmtool/config/describe.h"

#include <catch2/catch.hpp>

#include "sample_options.h"

namespace llmtool {
namespace {

const std::vector<FieldDescription>& sample_fields() {
  static const std::vector<FieldDescription> kFields = describe_fields<testing::SampleOptions>();
  return kFields;
}

TEST_CASE("The description of a section lists its fields with type and limits and default and help") {
  CHECK(describe_text(sample_fields(), "training") == R"(training: a section
    How the model is trained.
training.epochs: an integer, at least 0; default 3
    Passes over the training data.
training.max_steps: an integer, at least 1; default not set
    Steps after which training ends; unset: no limit.
training.batch_size: an integer, between 1 and 65536; default 32
    Examples per device and micro-batch.
training.optimizer: a section
    The optimizer.
training.optimizer.learning_rate: a number, between 0 and 1; default 5e-5
    Peak learning rate, reached after warm-up.
training.optimizer.weight_decay: a number, between 0 and 1; default 0.01
    Decay of weights, not of biases.
training.optimizer.schedule: linear, cosine or constant; default linear
    Course of the learning rate.
training.optimizer.fused: true or false; default true
    Update all weights in one pass.
training.early_stopping: a section; default not set
    When to end before the last epoch.
training.early_stopping.patience: an integer, at least 1; default 2
    Evaluations without progress before the end.
training.class_weights: a map from name to a number, between 0 and 1000000; default {}
    Weight of each label in the loss.
)");
}

TEST_CASE("The description of one field may be asked for and an unknown one is refused") {
  CHECK(describe_text(sample_fields(), "data.train") == "data.train: text; required\n    File to train on.\n");
  CHECK(describe_text(sample_fields(), "data.text") ==
        "data.text: one value or a list of texts; default [text]\n    A column, or two for pairs.\n");
  CHECK(describe_text(sample_fields(), "data.validation") ==
        "data.validation: a file or a share between 0 and 1; default 0.1\n    A file, or a share of train.\n");
  CHECK_THROWS_WITH(describe_text(sample_fields(), "trainning.epochs"),
                    "there is no config key 'trainning.epochs'; did you mean 'training.epochs'?");
  CHECK_THROWS_AS(describe_text(sample_fields(), "qqqqqqqq"), UsageError);
}

TEST_CASE("The description without a prefix covers every field in order") {
  const std::string text = describe_text(sample_fields());
  CHECK_THAT(text, Catch::StartsWith("task: text; required\n"));
  CHECK_THAT(text, Catch::Contains("stages[].patience: an integer, at least 1; default 2\n"));
}

TEST_CASE("The description as JSON has the same facts") {
  const Json json = describe_json(sample_fields());
  CHECK(json.size() == sample_fields().size());
  CHECK(json[0] == Json({{"path", "task"}, {"type", "text"}, {"help", "What the model learns."}, {"required", true}}));
}

TEST_CASE("A schema fragment is put in words") {
  CHECK(describe_schema(Json::parse(R"({"type": "integer"})")) == "an integer");
  CHECK(describe_schema(Json::parse(R"({"enum": ["auto", 1]})")) == "auto or 1");
  CHECK(describe_schema(Json::parse(R"({"const": "epoch"})")) == "epoch");
  CHECK(describe_schema(Json::parse(R"({"type": ["string", "null"]})")) == "text or null");
  CHECK(
      describe_schema(Json::parse(
          R"({"oneOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1}, {"type": "integer", "minimum": 1}]})")) ==
      "a number (at least 0, below 1) or an integer (at least 1)");
}

}  // namespace
}  // namespace llmtool
