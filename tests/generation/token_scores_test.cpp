#include <ATen/Functions.h>

#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/generation/decoding.h"

namespace llmtool {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

// Null in the file is a token that must not be drawn.
at::Tensor read_scores(const Json& json) {
  std::vector<float> values;
  for (const Json& value : json) values.push_back(value.is_null() ? kNever : value.get<float>());
  return at::tensor(values);
}

at::Tensor change(const std::string& option, double value, const at::Tensor& scores,
                  const std::vector<std::int64_t>& text) {
  if (option == "repetition_penalty") return penalize_repetition(scores, text, value);
  if (option == "top_k") return keep_top_k(scores, static_cast<std::int64_t>(value));
  return keep_top_p(scores, value);
}

TEST_CASE("Scores are changed as transformers changes them") {
  const Json file = read_json_file(testing::fixture("generation/scores.json").string(), ExitCode::kInternal);
  const at::Tensor scores = read_scores(file["scores"]);
  const auto text = file["text"].get<std::vector<std::int64_t>>();
  for (const Json& changed : file["changed"]) {
    const std::string option = changed["option"].get<std::string>();
    const double value = changed["value"].get<double>();
    CAPTURE(option, value);
    CHECK(at::allclose(change(option, value, scores, text), read_scores(changed["scores"]), 0.0, 1e-6));
  }
}

TEST_CASE("A token is drawn where its share of probability lies") {
  const at::Tensor scores = at::tensor({0.5F, 0.25F, 0.25F}).log();
  CHECK(draw_token(scores, 0.0) == 0);
  CHECK(draw_token(scores, 0.49) == 0);
  CHECK(draw_token(scores, 0.51) == 1);
  CHECK(draw_token(scores, 0.76) == 2);
  CHECK(draw_token(scores, 0.9999999999) == 2);
}

TEST_CASE("A token without probability is never drawn") {
  const at::Tensor scores = at::tensor({kNever, 0.0F, kNever, 0.0F, kNever});
  CHECK(draw_token(scores, 0.0) == 1);
  CHECK(draw_token(scores, 0.5) == 3);
  CHECK(draw_token(scores, 0.99999999999999989) == 3);
}

}  // namespace
}  // namespace llmtool
