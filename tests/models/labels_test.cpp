#include "llmtool/models/labels.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "golden_model.h"

namespace llmtool {
namespace {

using Labels = std::vector<std::string>;

std::string error_of(const Json& id2label) {
  return testing::model_error([&] { read_labels({{"id2label", id2label}}, "config.json"); });
}

TEST_CASE("Labels come in the order of their ids whatever the order of the keys") {
  CHECK(read_labels({{"id2label", {{"1", "no"}, {"0", "yes"}}}}, "f") == Labels{"yes", "no"});
}

TEST_CASE("Without id2label the labels are those Hugging Face assumes") {
  CHECK(read_labels(Json::object(), "f") == Labels{"LABEL_0", "LABEL_1"});
  CHECK(read_labels({{"num_labels", 3}}, "f") == Labels{"LABEL_0", "LABEL_1", "LABEL_2"});
}

TEST_CASE("Labels that are no contract are refused") {
  CHECK(error_of({{"0", "a"}, {"2", "b"}}).find("has the key '2'") != std::string::npos);
  CHECK(error_of({{"0", "a"}, {"01", "b"}}).find("has the key '01'") != std::string::npos);
  CHECK(error_of({{"0", "a"}, {"1", "a"}}).find("names 'a' twice") != std::string::npos);
  CHECK(error_of({{"0", 7}}).find("not a string") != std::string::npos);
  CHECK(error_of(Json::array({"a"})).find("must be an object") != std::string::npos);
}

TEST_CASE("Written labels read back the same") {
  Json config = Json::object();
  write_labels(config, {"b", "a", "ü"});
  CHECK(to_json_text(config) == R"({"id2label":{"0":"b","1":"a","2":"ü"},"label2id":{"a":1,"b":0,"ü":2}})");
  CHECK(read_labels(config, "f") == Labels{"b", "a", "ü"});
  CHECK_THROWS_AS(write_labels(config, {"a", "a"}), std::invalid_argument);
}

}  // namespace
}  // namespace llmtool
