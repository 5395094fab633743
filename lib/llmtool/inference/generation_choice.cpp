#include "llmtool/inference/generation_choice.h"

#include <array>
#include <concepts>
#include <limits>
#include <optional>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {
namespace {

struct Row {
  std::string_view key;
  GenerationKey kind;
  std::optional<double> neutral = std::nullopt;  // besides null, false and an empty list
};

using enum GenerationKey;

constexpr std::array kRows{
    Row{"max_new_tokens", kObeyed},
    Row{"early_stopping", kObeyed},
    Row{"stop_strings", kObeyed},
    Row{"do_sample", kObeyed},
    Row{"num_beams", kObeyed},
    Row{"temperature", kObeyed},
    Row{"top_k", kObeyed},
    Row{"top_p", kObeyed},
    Row{"repetition_penalty", kObeyed},
    Row{"length_penalty", kObeyed},
    Row{"eos_token_id", kObeyed},
    Row{"max_length", kAlways},
    Row{"min_length", kAlways, 0},
    Row{"min_new_tokens", kAlways, 0},
    Row{"max_time", kAlways},
    Row{"encoder_repetition_penalty", kAlways, 1},
    Row{"no_repeat_ngram_size", kAlways, 0},
    Row{"encoder_no_repeat_ngram_size", kAlways, 0},
    Row{"bad_words_ids", kAlways},
    Row{"forced_bos_token_id", kAlways},
    Row{"forced_eos_token_id", kAlways},
    Row{"forced_decoder_ids", kAlways},
    Row{"exponential_decay_length_penalty", kAlways},
    Row{"suppress_tokens", kAlways},
    Row{"begin_suppress_tokens", kAlways},
    Row{"sequence_bias", kAlways},
    Row{"token_healing", kAlways},
    Row{"guidance_scale", kAlways, 1},
    Row{"watermarking_config", kAlways},
    Row{"num_return_sequences", kAlways, 1},
    Row{"cache_implementation", kAlways},
    Row{"penalty_alpha", kAlways, 0},
    Row{"dola_layers", kAlways},
    Row{"diversity_penalty", kAlways, 0},
    Row{"num_beam_groups", kAlways, 1},
    Row{"constraints", kAlways},
    Row{"force_words_ids", kAlways},
    Row{"min_p", kDrawing, 0},
    Row{"top_h", kDrawing, 1},
    Row{"typical_p", kDrawing, 1},
    Row{"epsilon_cutoff", kDrawing, 0},
    Row{"eta_cutoff", kDrawing, 0},
    Row{"renormalize_logits", kNotGreedy},
    Row{"pad_token_id", kIrrelevant},
    Row{"bos_token_id", kIrrelevant},
    Row{"decoder_start_token_id", kIrrelevant},
    Row{"remove_invalid_values", kIrrelevant},
    Row{"use_cache", kIrrelevant},
    Row{"cache_config", kIrrelevant},
    Row{"max_cache_len", kIrrelevant},
    Row{"output_attentions", kIrrelevant},
    Row{"output_hidden_states", kIrrelevant},
    Row{"output_scores", kIrrelevant},
    Row{"output_logits", kIrrelevant},
    Row{"return_dict_in_generate", kIrrelevant},
    Row{"return_legacy_cache", kIrrelevant},
    Row{"use_mtp", kIrrelevant},
    Row{"is_assistant", kIrrelevant},
    Row{"num_assistant_tokens", kIrrelevant},
    Row{"num_assistant_tokens_schedule", kIrrelevant},
    Row{"assistant_confidence_threshold", kIrrelevant},
    Row{"prompt_lookup_num_tokens", kIrrelevant},
    Row{"max_matching_ngram_size", kIrrelevant},
    Row{"assistant_early_exit", kIrrelevant},
    Row{"assistant_lookbehind", kIrrelevant},
    Row{"target_lookbehind", kIrrelevant},
    Row{"assistant_ensemble_weight", kIrrelevant},
    Row{"speculation_type", kIrrelevant},
    Row{"compile_config", kIrrelevant},
    Row{"disable_compile", kIrrelevant},
    Row{"continuous_batching_config", kIrrelevant},
    Row{"low_memory", kIrrelevant},
    Row{"prefill_chunk_size", kIrrelevant},
    Row{"_commit_hash", kIrrelevant},
    Row{"_from_model_config", kIrrelevant},
    Row{"transformers_version", kIrrelevant},
};

const Row* find_row(std::string_view key) {
  for (const Row& row : kRows)
    if (row.key == key) return &row;
  return nullptr;
}

}  // namespace

GenerationKey generation_key(std::string_view key) {
  const Row* row = find_row(key);
  return row == nullptr ? kUnknown : row->kind;
}

bool is_neutral_generation_value(std::string_view key, const Json& value) {
  if (value.is_null() || value == Json(false) || (value.is_structured() && value.empty())) return true;
  // Only a quantised cache changes what is computed.
  if (key == "cache_implementation") return value != Json("quantized");
  const Row* row = find_row(key);
  return row != nullptr && row->neutral && value.is_number() && value.get<double>() == *row->neutral;
}

namespace {

constexpr const char* kEndKey = "eos_token_id";

std::vector<std::int64_t> read_end_ids(const Json& config, const std::string& file) {
  const auto found = config.find(kEndKey);
  if (found == config.end() || found->is_null()) return {};
  const Json ids = found->is_array() ? *found : Json::array({*found});
  std::vector<std::int64_t> read;
  for (const Json& id : ids) {
    if (!id.is_number_integer())
      throw ModelError(file + ": 'eos_token_id' must be an id or a list of ids, found " + json_excerpt(*found));
    read.push_back(id.get<std::int64_t>());
  }
  return read;
}

StoredGeneration read_from_model_config(const std::filesystem::path& directory) {
  const Json config = read_model_config(directory);
  StoredGeneration stored;
  stored.file = model_config_path(directory);
  stored.end_ids = read_end_ids(config, stored.file);
  for (const auto& [key, value] : config.items())
    if (generation_key(key) != GenerationKey::kUnknown) stored.settings[key] = value;
  return stored;
}

}  // namespace

StoredGeneration read_stored_generation(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "generation_config.json";
  if (!path_exists(path)) return read_from_model_config(directory);
  StoredGeneration stored;
  stored.file = path.string();
  stored.settings = read_json_file(stored.file, ExitCode::kModel);
  if (!stored.settings.is_object()) throw ModelError(stored.file + ": must hold a JSON object");
  stored.end_ids = read_end_ids(stored.settings, stored.file);
  if (stored.end_ids.empty()) stored.end_ids = read_end_ids(read_model_config(directory), model_config_path(directory));
  for (const auto& [key, value] : stored.settings.items())
    if (generation_key(key) == GenerationKey::kUnknown && !value.is_null()) stored.unknown.push_back(key);
  return stored;
}

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
