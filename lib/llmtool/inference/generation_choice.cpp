#include "llmtool/inference/generation_choice.h"

#include <concepts>
#include <limits>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/inference/generation_keys.h"

namespace llmtool {
namespace {

// What transformers takes where a folder says to draw and no more.
constexpr std::int64_t kStoredTopK = 50;

class Resolution {
 public:
  Resolution(const GenerationChoice& choice, const StoredGeneration& stored) : choice_(choice), stored_(stored) {
    if (!choice.ignore_stored) settings_ = stored.settings;
  }

  ContinuationOptions resolve() {
    GenerationOptions& search = options_.search;
    search.seed = choice_.seed;
    search.max_new_tokens =
        value("max_new_tokens", choice_.max_new_tokens, limits::kMaxNewTokens, search.max_new_tokens);
    search.repetition_penalty =
        value("repetition_penalty", choice_.repetition_penalty, limits::kPenalty, search.repetition_penalty);
    choose_kind();
    if (search.do_sample) resolve_drawing();
    resolve_beams();
    options_.stop_strings = choice_.stop_strings;
    append_stored_stop_strings();
    for (const auto& [key, written] : settings_.items()) refuse_unsupported(key, written);
    return std::move(options_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ModelError({stored_.file, 0, 0}, message); }

  // Null where nothing is written.
  const Json* written(const char* key) const {
    const auto found = settings_.find(key);
    return found == settings_.end() || found->is_null() ? nullptr : &*found;
  }

  template <class T>
  T value(const char* key, const std::optional<T>& chosen, const Range<T>& range, T fallback) const {
    if (chosen) return *chosen;
    const Json* found = written(key);
    if (found == nullptr) return fallback;
    const bool has_kind = std::integral<T> ? found->is_number_integer() : found->is_number();
    if (!has_kind || !range.contains(found->get<T>()))
      fail(quote(key) + " must be a " + (std::integral<T> ? "whole number" : "number") + " from " +
           Json(range.low).dump() + " to " + Json(range.high).dump() + ", found " + json_excerpt(*found) + kWayOut);
    return found->get<T>();
  }

  bool flag(const char* key) const {
    const Json* found = written(key);
    if (found == nullptr) return false;
    if (!found->is_boolean()) fail(quote(key) + " " + json_excerpt(*found) + " is not supported" + kWayOut);
    return found->get<bool>();
  }

  void choose_kind() {
    const bool draws = choice_.temperature || choice_.top_k || choice_.top_p;
    GenerationOptions& search = options_.search;
    search.num_beams = draws ? choice_.num_beams.value_or(1)
                             : value("num_beams", choice_.num_beams, limits::kNumBeams, search.num_beams);
    search.do_sample = draws || (!choice_.num_beams && flag("do_sample"));
    if (search.do_sample && search.num_beams > 1 && !draws)
      fail("'do_sample' together with 'num_beams' above 1 is not supported" + std::string(kWayOut));
  }

  void resolve_drawing() {
    const bool is_chosen = choice_.temperature || choice_.top_k || choice_.top_p;
    GenerationOptions& search = options_.search;
    search.temperature = value("temperature", choice_.temperature, limits::kTemperature, search.temperature);
    search.top_k = value("top_k", choice_.top_k, limits::kTopK, is_chosen ? search.top_k : kStoredTopK);
    search.top_p = value("top_p", choice_.top_p, limits::kTopP, search.top_p);
  }

  void resolve_beams() {
    GenerationOptions& search = options_.search;
    if (search.num_beams == 1) {
      if (choice_.early_stopping || choice_.length_penalty)
        throw UsageError("--length-penalty and --early-stopping are for beam search; add --num-beams");
      return;
    }
    search.length_penalty =
        value("length_penalty", choice_.length_penalty, limits::kLengthPenalty, search.length_penalty);
    search.early_stopping = choice_.early_stopping || flag("early_stopping");
  }

  void append_stored_stop_strings() {
    const Json* found = written("stop_strings");
    if (found == nullptr) return;
    for (const Json& text : found->is_array() ? *found : Json::array({*found})) {
      if (!text.is_string() || text.get<std::string>().empty())
        fail("'stop_strings' must be a text or a list of texts that are not empty" + std::string(kWayOut));
      options_.stop_strings.push_back(text.get<std::string>());
    }
  }

  void refuse_unsupported(const std::string& key, const Json& written) const {
    const GenerationKey kind = generation_key(key);
    const GenerationOptions& search = options_.search;
    const bool counts = kind == GenerationKey::kAlways || (kind == GenerationKey::kDrawing && search.do_sample) ||
                        (kind == GenerationKey::kNotGreedy && (search.do_sample || search.num_beams > 1));
    // It is for those who do not say how many tokens are to be added.
    if (key == "max_length" && (choice_.max_new_tokens || this->written("max_new_tokens") != nullptr)) return;
    if (!counts || is_neutral_generation_value(key, written)) return;
    if (key == "max_length") fail("'max_length' is not supported; give --max-new-tokens, which counts instead of it");
    fail(quote(key) + " is not supported, and changes what is generated" + kWayOut);
  }

  static constexpr const char* kWayOut = "; --ignore-generation-config generates without these settings";

  const GenerationChoice& choice_;
  const StoredGeneration& stored_;
  Json settings_ = Json::object();
  ContinuationOptions options_;
};

}  // namespace

ContinuationOptions resolve_generation(const GenerationChoice& choice, const StoredGeneration& stored) {
  return Resolution(choice, stored).resolve();
}

}  // namespace llmtool
