#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/added_tokens.h"
#include "llmtool/tokenizer/decoder.h"
#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/post_processor.h"
#include "llmtool/tokenizer/pre_tokenizer.h"
#include "llmtool/tokenizer/scanner.h"
#include "llmtool/tokenizer/stored_tokens.h"
#include "llmtool/tokenizer/tokenizer.h"
#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {

// A setting of tokenizer_config.json that says otherwise than tokenizer.json, which counts.
struct SettingConflict {
  std::string key;
  std::string message;  // one line with both values
};

// Compares what transformers' classes would build from tokenizer_config.json with the pipeline of a tokenizer.json.
// Empty where there is no tokenizer.json: there the settings are obeyed.
std::vector<SettingConflict> find_setting_conflicts(const TokenizerFiles& files, const TokenizerModel& model,
                                                    const PostProcessor& post_processor);

// Throws ModelError for a setting that changes ids and is not supported.
void refuse_unsupported_settings(const TokenizerFiles& files);

// The tokens with a role, in the order of State::role_ids.
struct TokenRole {
  const char* key;         // in tokenizer_config.json
  const char* usual_name;  // when nothing is written; "": none
};
inline constexpr std::array kTokenRoles{TokenRole{"pad_token", "[PAD]"},   TokenRole{"unk_token", "[UNK]"},
                                        TokenRole{"cls_token", "[CLS]"},   TokenRole{"sep_token", "[SEP]"},
                                        TokenRole{"mask_token", "[MASK]"}, TokenRole{"bos_token", ""},
                                        TokenRole{"eos_token", ""}};

// Tokens of one text or two, before truncation.
struct TextTokens {
  std::vector<std::int32_t> ids;
  // Empty unless offsets were asked for.
  std::vector<Offset> offsets;
  std::vector<OuterSpaces> outer_spaces;  // besides, only when the post-processor trims them
};

// The parts of a tokenizer.json, and the steps of encoding with them.
struct Tokenizer::State {
  explicit State(TokenizerFiles files);

  // Appends the tokens of one text, without truncation and special tokens; offsets only when asked for.
  void encode_text(std::string_view text, bool with_offsets, TextTokens& tokens) const;
  std::optional<std::int32_t> find(std::string_view token) const;
  // A short text as the model sees it.
  std::string normalized(const std::string& text) const;
  std::optional<std::string_view> token(std::int32_t id) const;

  bool is_exactly_bert(const Tokenizer& tokenizer, const Json& role_tokens) const;
  // tokenizer_config.json as it is saved.
  Json saved_config(bool is_bert, const Json& role_tokens, const SavedTruncation& truncation,
                    std::optional<bool> gives_types) const;

  TokenizerFiles files;
  std::unique_ptr<Normalizer> normalizer;       // null: the text as it is
  std::unique_ptr<PreTokenizer> pre_tokenizer;  // null: the text is one word
  std::unique_ptr<TokenizerModel> model;
  std::optional<AddedTokens> added_tokens;
  PostProcessor post_processor;
  std::unique_ptr<Decoder> decoder;
  std::unique_ptr<Scanner> scanner;  // null: the general way only
  std::array<std::optional<std::int32_t>, kTokenRoles.size()> role_ids;
  std::optional<std::int64_t> model_max_length;
  std::optional<TruncationSide> truncation_side;
  std::string content_hash;
  std::vector<std::string> warnings;

 private:
  class TextEncoder;

  void read_components();
  void read_added_tokens(ComponentReader& document);
  KnownTokens known_tokens() const;
  void require_known_special_tokens(const ComponentReader& document) const;
  std::unique_ptr<Scanner> make_scanner() const;
  std::string hash_content() const;
};

}  // namespace llmtool
