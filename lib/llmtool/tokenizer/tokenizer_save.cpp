#include <algorithm>
#include <string>
#include <string_view>

#include "llmtool/core/atomic_file.h"
#include "llmtool/tokenizer/tokenizer_state.h"

namespace llmtool {
namespace {

// What tokenizer.json calls them.
std::string_view library_name(TruncationStrategy strategy) {
  switch (strategy) {
    case TruncationStrategy::kOnlyFirst:
      return "OnlyFirst";
    case TruncationStrategy::kOnlySecond:
      return "OnlySecond";
    case TruncationStrategy::kLongestFirst:
      break;
  }
  return "LongestFirst";
}

Json truncation_section(const SavedTruncation& truncation) {
  if (!truncation.max_length) return nullptr;
  return {{"direction", truncation.side == TruncationSide::kRight ? "Right" : "Left"},
          {"max_length", *truncation.max_length},
          {"strategy", library_name(truncation.strategy)},
          {"stride", 0}};
}

// The pipeline transformers' BertTokenizer builds by itself, ignoring what tokenizer.json says beside the vocabulary.
bool is_exactly_bert(const Json& document, const BertNormalizer* normalizer, const WordPiece* model,
                     bool splits_as_bert) {
  if (!normalizer || !model || !splits_as_bert || !normalizer->options().clean_text) return false;
  if (model->options().continuing_subword_prefix != "##" || model->options().max_input_chars_per_word != 100)
    return false;
  const Json decoder{{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  const auto written = document.find("decoder");
  return written != document.end() && nlohmann::json(*written) == nlohmann::json(decoder);
}

// One token a line, which works only when line numbers are the ids.
std::optional<std::string> vocabulary_lines(const Vocabulary& vocabulary) {
  if (vocabulary.size() != vocabulary.id_bound()) return std::nullopt;
  std::string lines;
  for (std::int32_t id = 0; id < vocabulary.id_bound(); ++id) {
    const auto token = vocabulary.token(id);
    if (!token || token->find_first_of("\r\n") != std::string_view::npos) return std::nullopt;
    lines += std::string(*token) + "\n";
  }
  return lines;
}

}  // namespace

void Tokenizer::save(const std::filesystem::path& directory, const SavedTruncation& truncation) const {
  require_writable_directory(directory);
  const State& state = *state_;
  Json document = state.files.document;
  document["truncation"] = truncation_section(truncation);
  document["padding"] = nullptr;
  document["model"]["type"] = "WordPiece";

  Json special_tokens = Json::object();
  for (std::size_t i = 0; i < kTokenRoles.size(); ++i)
    if (state.role_ids[i]) special_tokens[kTokenRoles[i].key] = std::string(token(*state.role_ids[i]));

  Json config = state.files.config;
  for (const auto& [key, name] : special_tokens.items()) config[key] = name;
  const auto* normalizer = dynamic_cast<const BertNormalizer*>(state.normalizer.get());
  const auto* model = dynamic_cast<const WordPiece*>(state.model.get());
  const bool is_bert = is_exactly_bert(document, normalizer, model, state.scanner != nullptr);
  config["tokenizer_class"] = is_bert ? "BertTokenizer" : "PreTrainedTokenizerFast";
  if (is_bert) {
    config["do_lower_case"] = normalizer->options().lowercase;
    config["tokenize_chinese_chars"] = normalizer->options().handle_chinese_chars;
    config["strip_accents"] = state.files.document["normalizer"].value("strip_accents", Json(nullptr));
  }
  if (!config.contains("model_max_length") && truncation.max_length)
    config["model_max_length"] = *truncation.max_length;

  if (const auto lines = vocabulary_lines(state.model->vocabulary()); model && lines)
    write_file_atomically(directory / "vocab.txt", *lines);
  write_file_atomically(directory / "special_tokens_map.json", to_json_text(special_tokens, 2) + "\n");
  write_file_atomically(directory / "tokenizer_config.json", to_json_text(config, 2) + "\n");
  write_file_atomically(directory / "tokenizer.json", to_json_text(document, 2) + "\n");
}

}  // namespace llmtool
