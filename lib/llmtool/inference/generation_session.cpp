#include "llmtool/inference/generation_session.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/inference/generated_stream.h"
#include "llmtool/inference/model_limits.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {

GenerationSession::GenerationSession(std::shared_ptr<Model> model, Tokenizer tokenizer, StoredGeneration stored)
    : model_(std::move(model)), tokenizer_(std::move(tokenizer)), stored_(std::move(stored)) {
  if (!stored_.end_ids.empty()) return;
  if (const auto end = tokenizer_.end_of_text_id()) stored_.end_ids = {*end};
}

GenerationSession GenerationSession::load(const std::filesystem::path& directory, c10::Device device) {
  require_model_directory(directory);
  std::shared_ptr<Model> model = load_model(directory, {.head = HeadKind::kCausalLm}).model;
  Tokenizer tokenizer = Tokenizer::load(directory);
  model->to(device);
  GenerationSession session(std::move(model), std::move(tokenizer), read_stored_generation(directory));
  session.limits_ =
      embedding_limits(session.tokenizer_, directory, session.model_->dimensions(), session.model_->config());
  return session;
}

std::vector<std::int64_t> GenerationSession::encode_prompt(const std::string& prompt, std::size_t number) const {
  const std::string name = "prompt " + std::to_string(number);
  EncodeOptions options;
  options.add_special_tokens = false;
  std::vector<std::int64_t> ids;
  try {
    const Encoding encoding = tokenizer_.encode(prompt, options);
    for (const std::int32_t id : encoding.ids) limits_.require_id(tokenizer_, id);
    ids.assign(encoding.ids.begin(), encoding.ids.end());
  } catch (const DataError& error) {
    throw DataError(name + ": " + error.what());
  }
  if (!ids.empty()) return ids;
  const auto start = tokenizer_.bos_id() ? tokenizer_.bos_id() : tokenizer_.end_of_text_id();
  if (!start) throw DataError(name + " is empty, and the tokenizer has no token that a text begins with");
  limits_.require_id(tokenizer_, *start);
  return {*start};
}

std::vector<Continuation> GenerationSession::continue_texts(const std::vector<std::string>& prompts,
                                                            const ContinuationOptions& options,
                                                            std::int64_t first_number, const OnText& on_text) const {
  GenerationRequest request;
  request.options = options.search;
  request.first_prompt = static_cast<std::uint64_t>(first_number);
  request.end_ids = stored_.end_ids;
  std::vector<GeneratedStream> streams;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    request.prompts.push_back(encode_prompt(prompts[i], static_cast<std::size_t>(first_number) + i + 1));
    streams.emplace_back(tokenizer_, request.prompts.back(), options.stop_strings);
  }
  request.on_token = [&](std::size_t prompt, std::int64_t id) {
    streams[prompt].add(id);
    if (on_text) on_text(prompt, streams[prompt].take_certain());
  };
  if (!options.stop_strings.empty())
    request.stops = [&](std::size_t prompt, std::span<const std::int64_t> new_ids) {
      GeneratedStream whole(tokenizer_, request.prompts[prompt], options.stop_strings);
      for (const std::int64_t id : new_ids) whole.add(id);
      return whole.is_stopped();
    };
  std::vector<Continuation> continuations;
  for (Generation& generation : generate(*model_, request)) {
    const std::size_t prompt = continuations.size();
    if (on_text) on_text(prompt, streams[prompt].take_rest());
    continuations.push_back({streams[prompt].text(), std::move(generation.ids), generation.reason});
  }
  return continuations;
}

}  // namespace llmtool
