#include "llmtool/models/registry.h"

#include <catch2/catch.hpp>

#include "golden_model.h"

namespace llmtool {
namespace {

TEST_CASE("Every family known without LibTorch has a factory and the other way round") {
  REQUIRE(body_factories().size() == families().size());
  for (std::size_t index = 0; index < families().size(); ++index)
    CHECK(body_factories()[index].model_type == families()[index].model_type);
}

TEST_CASE("A model type that is not supported is refused with those that are") {
  const Json config = {{"model_type", "mamba"}};
  const std::string message =
      testing::model_error([&] { make_model(config, "config.json", HeadKind::kNone, at::Device(at::kCPU)); });
  CHECK(message ==
        "config.json: 'model_type' is 'mamba', which is not supported; supported are: bert, roberta, "
        "xlm-roberta, electra, albert, modernbert, deberta-v2, distilbert, gpt2, transformer_lm");
  const std::string missing = testing::model_error([] { find_family(Json::object(), "config.json"); });
  CHECK(missing.find("'model_type' is missing") != std::string::npos);
}

}  // namespace
}  // namespace llmtool
