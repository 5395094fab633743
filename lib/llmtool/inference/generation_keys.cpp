#include "llmtool/inference/generation_keys.h"

#include <array>
#include <optional>

#include "llmtool/core/json.h"

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

}  // namespace llmtool
