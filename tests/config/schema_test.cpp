#include <catch2/catch.hpp>

#include "llmtool/config/describe.h"
#include "sample_options.h"

namespace llmtool {
namespace {

TEST_CASE("The JSON Schema says what the reader accepts") {
  const Json schema = json_schema<testing::SampleOptions>("sample config");
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["required"] == Json::array({"task", "data"}));
  const Json& training = schema["properties"]["training"]["properties"];
  CHECK(training["batch_size"] == Json::parse(R"({"type": "integer", "minimum": 1, "maximum": 65536,
      "description": "Examples per device and micro-batch.", "default": 32})"));
  CHECK(training["max_steps"] == Json::parse(R"({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}],
      "description": "Steps after which training ends; unset: no limit.", "default": null})"));
  CHECK(training["optimizer"]["properties"]["schedule"]["enum"] == Json::array({"linear", "cosine", "constant"}));
  CHECK(training["class_weights"]["additionalProperties"] ==
        Json::parse(R"({"type": "number", "minimum": 0, "maximum": 1000000})"));
  CHECK(schema["properties"]["stages"]["items"]["additionalProperties"] == false);
  const Json& data = schema["properties"]["data"]["properties"];
  CHECK(data["validation"]["anyOf"].size() == 2);
  CHECK(data["text"]["anyOf"][1]["type"] == "array");
}

}  // namespace
}  // namespace llmtool
