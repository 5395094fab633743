#include <algorithm>
#include <string>
#include <string_view>

#include "llmtool/core/atomic_file.h"
#include "llmtool/tokenizer/scanner.h"
#include "llmtool/tokenizer/setting_conflicts.h"
#include "llmtool/tokenizer/tokenizer_state.h"
#include "llmtool/tokenizer/vocabulary.h"

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

bool has_bert_pieces(const Tokenizer& tokenizer, const PostProcessor& post_processor) {
  const std::int32_t cls = *tokenizer.cls_id();
  const std::int32_t sep = *tokenizer.sep_id();
  using Piece = PostProcessor::Piece;
  const std::vector<Piece> expected{{-1, 0, {cls}}, {0, 0, {}}, {-1, 0, {sep}}, {1, 1, {}}, {-1, 1, {sep}}};
  const auto equal = [](const Piece& a, const Piece& b) {
    return a.sequence == b.sequence && a.type_id == b.type_id && a.ids == b.ids;
  };
  const auto& single = post_processor.layout(false);
  const auto& pair = post_processor.layout(true);
  return std::equal(single.begin(), single.end(), expected.begin(), expected.begin() + 3, equal) &&
         std::equal(pair.begin(), pair.end(), expected.begin(), expected.end(), equal);
}

// The tokens with a role and no others, matched exactly.
bool has_bert_added_tokens(const AddedTokens& added_tokens, const Json& role_tokens) {
  constexpr std::size_t kNumBertRoles = 5;  // padding, unknown, classification, separator, mask
  if (added_tokens.tokens().size() != kNumBertRoles || role_tokens.size() != kNumBertRoles) return false;
  for (const auto& [key, content] : role_tokens.items()) {
    const auto id = added_tokens.find(content.get<std::string>());
    if (!id) return false;
    const AddedToken& token = *added_tokens.token(*id);
    if (!token.special || token.normalized || token.single_word || token.lstrip || token.rstrip) return false;
  }
  return true;
}

bool has_bert_decoder(const Json& document) {
  const auto written = document.find("decoder");
  return written != document.end() &&
         nlohmann::json(*written) == nlohmann::json{{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
}

bool tells_sequences_apart(const PostProcessor& post_processor) {
  const auto& pair = post_processor.layout(true);
  return std::any_of(pair.begin(), pair.end(), [](const PostProcessor::Piece& piece) { return piece.type_id > 0; });
}

// transformers 5 gives types only by BertTokenizer and a few others, unless this key says so. Written in any case
// where the class alone would leave it open.
void set_input_names(Json& config, bool is_bert, bool gives_types) {
  const auto names = config.find("model_input_names");
  const bool is_list = names != config.end() && names->is_array();
  if (is_list && (std::find(names->begin(), names->end(), "token_type_ids") != names->end()) == gives_types) return;
  if (!is_list && is_bert && gives_types) return;
  config["model_input_names"] =
      gives_types ? Json{"input_ids", "token_type_ids", "attention_mask"} : Json{"input_ids", "attention_mask"};
}

}  // namespace

// Whether the pipeline is the one transformers' BertTokenizer builds, which ignores what tokenizer.json says beside the
// vocabulary: only then may the saved tokenizer go by that name.
bool Tokenizer::State::is_exactly_bert(const Tokenizer& tokenizer, const Json& role_tokens) const {
  const auto* bert_normalizer = dynamic_cast<const BertNormalizer*>(normalizer.get());
  const auto* word_piece = dynamic_cast<const WordPiece*>(model.get());
  const bool is_bert_pipeline = dynamic_cast<const BertScanner*>(scanner.get()) != nullptr;
  return is_bert_pipeline && bert_normalizer->options().clean_text &&
         word_piece->options().continuing_subword_prefix == "##" &&
         word_piece->options().max_input_chars_per_word == 100 && tokenizer.unk_id() == word_piece->unk_id() &&
         has_bert_added_tokens(*added_tokens, role_tokens) && has_bert_pieces(tokenizer, post_processor) &&
         has_bert_decoder(files.document);
}

Json Tokenizer::State::saved_config(bool is_bert, const Json& role_tokens, const SavedTruncation& truncation,
                                    std::optional<bool> gives_types) const {
  Json config = files.config;
  // A flag that tokenizer.json contradicts did not count, and would only be warned of again.
  for (const SettingConflict& conflict : find_setting_conflicts(files, *model, post_processor))
    if (const auto found = config.find(conflict.key); found != config.end() && found->is_boolean()) config.erase(found);
  for (const auto& [key, content] : role_tokens.items()) config[key] = content;
  config["tokenizer_class"] = is_bert ? "BertTokenizer" : "PreTrainedTokenizerFast";
  if (is_bert) {
    const auto& options = dynamic_cast<const BertNormalizer&>(*normalizer).options();
    config["do_lower_case"] = options.lowercase;
    config["tokenize_chinese_chars"] = options.handle_chinese_chars;
    config["strip_accents"] = files.document["normalizer"].value("strip_accents", Json(nullptr));
  }
  if (truncation.max_length && (config.contains("truncation_side") || truncation.side != TruncationSide::kRight))
    config["truncation_side"] = enum_name(truncation.side);
  if (!config.contains("model_max_length") && truncation.max_length)
    config["model_max_length"] = *truncation.max_length;
  if (gives_types && tells_sequences_apart(post_processor)) set_input_names(config, is_bert, *gives_types);
  return config;
}

void Tokenizer::save(const std::filesystem::path& directory, const SavedTruncation& truncation,
                     std::optional<bool> gives_types) const {
  require_writable_directory(directory);
  Json document = state_->files.document;
  document["truncation"] = truncation_section(truncation);
  document["padding"] = nullptr;
  document["model"]["type"] = state_->model->type();  // old files leave it out

  Json role_tokens = Json::object();
  for (std::size_t i = 0; i < kTokenRoles.size(); ++i)
    if (state_->role_ids[i]) role_tokens[kTokenRoles[i].key] = std::string(token(*state_->role_ids[i]));
  const bool is_bert = state_->is_exactly_bert(*this, role_tokens);
  const Json config = state_->saved_config(is_bert, role_tokens, truncation, gives_types);

  if (dynamic_cast<const WordPiece*>(state_->model.get()))
    if (const auto lines = vocabulary_lines(state_->model->vocabulary()))
      write_file_atomically(directory / "vocab.txt", *lines);
  write_file_atomically(directory / "special_tokens_map.json", to_json_text(role_tokens, 2) + "\n");
  write_file_atomically(directory / "tokenizer_config.json", to_json_text(config, 2) + "\n");
  write_file_atomically(directory / "tokenizer.json", to_json_text(document, 2) + "\n");
}

}  // namespace llmtool
