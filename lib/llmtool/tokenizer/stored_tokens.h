#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {

// The tokens of the vocabulary and of tokenizer.json.
struct KnownTokens {
  std::function<std::optional<std::int32_t>(std::string_view)> find;   // its id; nothing when it is new
  std::function<std::optional<std::string_view>(std::int32_t)> token;  // of an id
  std::int64_t next_id = 0;                                            // of the next new token
};

// Puts the tokens that added_tokens.json, special_tokens_map.json and tokenizer_config.json list into the added tokens
// of the document, as transformers' AutoTokenizer adds them: added_tokens_decoder (else added_tokens.json) by id, then
// the tokens with a role, then the further special ones. Throws ModelError for an id that a file lists and the token
// cannot have, and for tokens of files that transformers does not read beside an added_tokens_decoder. True when the
// document has changed.
bool add_stored_tokens(TokenizerFiles& files, const KnownTokens& known);

// An added token as tokenizer.json writes it, its id apart, from "[E1]" or {"content": "[E1]", "lstrip": true, …};
// nothing for anything else. What an object leaves out is as `special` has it.
std::optional<Json> added_token_entry(const Json& written, bool special);

}  // namespace llmtool
