#include "llmtool/inference/generation_session.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

// U+FFFD, which a decoder puts where bytes of a character are missing.
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the longest end of `text` that `stop` begins with.
std::size_t begun_length(std::string_view text, std::string_view stop) {
  for (std::size_t length = std::min(text.size(), stop.size()); length > 0; --length)
    if (text.ends_with(stop.substr(0, length))) return length;
  return 0;
}

// A decoder may join a word with what follows ("do" "n't"), so the last one waits for the next.
std::size_t last_word_length(std::string_view text) {
  if (text.empty() || static_cast<unsigned char>(text.back()) >= 0x80) return 0;
  const std::size_t space = text.find_last_of(' ');
  return space == std::string_view::npos ? text.size() : text.size() - space;
}

}  // namespace

GeneratedStream::GeneratedStream(const Tokenizer& tokenizer, const std::vector<std::int64_t>& prompt,
                                 const std::vector<std::string>& stop_strings)
    : tokenizer_(tokenizer),
      stop_strings_(stop_strings),
      ids_(prompt.begin(), prompt.end()),
      prompt_length_(tokenizer.decode(ids_).size()) {}

void GeneratedStream::add(std::int64_t id) {
  if (is_stopped_) return;
  ids_.push_back(static_cast<std::int32_t>(id));
  const std::string whole = tokenizer_.decode(ids_);
  text_ = whole.substr(std::min(prompt_length_, whole.size()));
  std::size_t first = std::string::npos;
  for (const std::string& stop : stop_strings_) first = std::min(first, text_.find(stop));
  is_stopped_ = first != std::string::npos;
  if (is_stopped_) text_.resize(first);
}

std::size_t GeneratedStream::held_back() const {
  if (is_stopped_) return 0;
  std::size_t length = text_.ends_with(kReplacement) ? kReplacement.size() : last_word_length(text_);
  for (const std::string& stop : stop_strings_) length = std::max(length, begun_length(text_, stop));
  return length;
}

std::string_view GeneratedStream::take_certain() { return take(text_.size() - held_back()); }

std::string_view GeneratedStream::take_rest() { return take(text_.size()); }

std::string_view GeneratedStream::take(std::size_t end) {
  const std::size_t begin = std::min(num_taken_, end);
  num_taken_ = std::max(num_taken_, end);
  return std::string_view(text_).substr(begin, end - begin);
}

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
