#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <limits>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/generation/decoding.h"
#include "llmtool/generation/search.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

// 40 positions, 120 ids.
std::shared_ptr<Model> load(const std::string& name = "gpt2_causal_lm") {
  LoadRequest request{.head = HeadKind::kCausalLm};
  return load_model(testing::fixture("models/" + name), request).model;
}

GenerationRequest request_for(std::vector<std::vector<std::int64_t>> prompts) {
  GenerationRequest request;
  request.prompts = std::move(prompts);
  request.options.max_new_tokens = 12;
  return request;
}

GenerationRequest drawing_request() {
  GenerationRequest request = request_for({{5, 17, 33}, {90}, {3, 3, 7, 7, 101}});
  request.options.do_sample = true;
  request.options.temperature = 1.5;
  request.options.top_k = 30;
  request.options.top_p = 0.9;
  return request;
}

TEST_CASE("Scores of a text computed piece by piece are those of the whole text") {
  const std::string name = GENERATE(as<std::string>{}, "gpt2_causal_lm", "gpt2_odd_sizes", "transformer_lm_sinusoidal");
  const auto model = load(name);
  const at::NoGradGuard no_grad;
  IncrementalDecoder pieces(*model);
  pieces.append({{5, 17, 33}, {90}});
  pieces.select({1, 0, 1});
  pieces.append({{8}, {9, 10}, {8, 1, 2}});
  const at::Tensor last = pieces.append(std::vector<std::int64_t>{6, 7, 3});
  IncrementalDecoder whole(*model);
  const at::Tensor expected = whole.append({{90, 8, 6}, {5, 17, 33, 9, 10, 7}, {90, 8, 1, 2, 3}});
  CHECK((last - expected).abs().max().item<double>() < 1e-5);
}

TEST_CASE("A drawn text depends on the seed and the prompt's number, not on the prompts beside it") {
  const auto model = load();
  GenerationRequest request = drawing_request();
  const std::vector<Generation> together = generate(*model, request);
  for (std::size_t prompt = 0; prompt < together.size(); ++prompt) {
    GenerationRequest alone = request;
    alone.prompts = {request.prompts[prompt]};
    alone.first_prompt = prompt;
    CHECK(generate(*model, alone).front().ids == together[prompt].ids);
  }
  request.options.seed = 43;
  CHECK(generate(*model, request).front().ids != together.front().ids);
}

TEST_CASE("Tokens are told as they come, with beams at the end") {
  const auto model = load();
  GenerationRequest request = request_for({{5, 17, 33}, {90}});
  std::vector<std::vector<std::int64_t>> told(2);
  request.on_token = [&](std::size_t prompt, std::int64_t id) { told[prompt].push_back(id); };
  request.options.num_beams = GENERATE(1, 3);
  const std::vector<Generation> generations = generate(*model, request);
  CHECK(told[0] == generations[0].ids);
  CHECK(told[1] == generations[1].ids);
}

TEST_CASE("A text ends where the caller says so, and the others go on") {
  const auto model = load();
  GenerationRequest request = request_for({{5, 17, 33}, {90}});
  request.options.num_beams = GENERATE(1, 2);
  request.stops = [](std::size_t prompt, std::span<const std::int64_t> ids) { return prompt == 0 && ids.size() == 4; };
  const std::vector<Generation> generations = generate(*model, request);
  CHECK(generations[0].ids.size() == 4);
  CHECK(generations[0].reason == FinishReason::kStopped);
  CHECK(generations[1].ids.size() == 12);
  CHECK(generations[1].reason == FinishReason::kLength);
}

TEST_CASE("An end token is the last of a text") {
  const auto model = load();
  GenerationRequest request = request_for({{5, 17, 33}});
  request.end_ids = {generate(*model, request).front().ids[5]};
  const Generation ended = generate(*model, request).front();
  CHECK(ended.reason == FinishReason::kEndToken);
  CHECK(ended.ids.back() == request.end_ids.front());
  CHECK(ended.ids.size() <= 6);
}

TEST_CASE("A text ends where the model has no position for more") {
  const auto model = load();
  GenerationRequest request = request_for({std::vector<std::int64_t>(36, 9)});
  request.options.num_beams = GENERATE(1, 2);
  const Generation generation = generate(*model, request).front();
  CHECK(generation.ids.size() == 5);
  CHECK(generation.reason == FinishReason::kPositions);
}

TEST_CASE("Prompts that cannot be continued are refused with their number") {
  const auto model = load();
  const auto refuses = [&](std::vector<std::int64_t> prompt, const std::string& message) {
    CHECK_THROWS_AS(generate(*model, request_for({{1}, prompt})), DataError);
    CHECK_THROWS_WITH(generate(*model, request_for({{1}, prompt})), message);
  };
  refuses({}, "prompt 2 has no tokens; give it at least one, such as the beginning-of-text token");
  refuses(std::vector<std::int64_t>(41, 1),
          "prompt 2 has 41 tokens, but the model knows only 40 positions; shorten it");
  refuses({120}, "prompt 2 has the token id 120, but the model's vocabulary has 120 ids");
}

TEST_CASE("Scores that are not finite are an error") {
  const auto model = load();
  const at::NoGradGuard no_grad;
  model->body().word_embedding()->weight.fill_(std::numeric_limits<float>::quiet_NaN());
  CHECK_THROWS_AS(generate(*model, request_for({{1}})), NonFiniteError);
}

TEST_CASE("No prompts make no texts") { CHECK(generate(*load(), request_for({})).empty()); }

}  // namespace
}  // namespace llmtool
