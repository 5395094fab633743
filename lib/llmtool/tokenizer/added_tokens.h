#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "llmtool/tokenizer/byte_trie.h"
#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {

// A token taken out of the text before the model sees it, such as [MASK].
struct AddedToken {
  std::int32_t id = 0;
  std::string content;
  bool single_word = false;  // not inside a longer word
  bool lstrip = false;       // swallows whitespace to its left
  bool rstrip = false;       // swallows whitespace to its right
  bool normalized = false;   // matched in the normalised text, by its own normalised form
  bool special = false;      // left out by decode(skip_special_tokens)
  std::string normalized_content;
};

// A part of a text: plain, or one added token. Bytes [begin, end).
struct TextSection {
  std::size_t begin;
  std::size_t end;
  std::optional<std::int32_t> id;
};

// The added tokens of one kind (matched in the raw, or in the normalised text), leftmost and longest first.
class AddedTokenMatcher {
 public:
  explicit AddedTokenMatcher(std::vector<AddedToken> tokens);

  bool empty() const { return tokens_.empty(); }
  // Whether `text` could hold one of them; cheap.
  bool may_match(std::string_view text) const;
  // Cuts `text` as the library does (added_vocabulary.rs, find_matches); parts overlap where it lets them.
  void cut(std::string_view text, std::vector<TextSection>& sections) const;

 private:
  struct Match {
    std::size_t end;
    const AddedToken* token;
  };
  std::optional<Match> match_at(std::string_view text, std::size_t begin) const;

  std::vector<AddedToken> tokens_;
  std::string first_bytes_;
  ByteTrie trie_;
};

// All added tokens with the ids the library gives them: that of the model's vocabulary if it has the token, else the
// next free one, whatever the file says.
class AddedTokens {
 public:
  // `normalize` is the tokenizer's whole normalizer. Throws ModelError.
  AddedTokens(std::vector<ComponentReader> readers,
              const std::function<std::optional<std::int32_t>(std::string_view)>& find_in_model,
              std::int64_t model_size, const std::function<std::string(const std::string&)>& normalize);

  const AddedTokenMatcher& raw() const { return raw_; }
  const AddedTokenMatcher& normalized() const { return normalized_; }

  std::optional<std::int32_t> find(std::string_view content) const;
  const AddedToken* token(std::int32_t id) const;
  // Sorted by id.
  std::vector<const AddedToken*> tokens() const;
  // Whether a token written so is left out when special tokens are skipped.
  bool is_special_content(const std::string& content) const { return special_contents_.contains(content); }

 private:
  static std::vector<AddedToken> of_kind(const std::unordered_map<std::int32_t, AddedToken>& tokens, bool normalized);

  std::unordered_map<std::string, std::int32_t> id_of_content_;
  std::unordered_map<std::int32_t, AddedToken> tokens_;
  std::unordered_set<std::string> special_contents_;
  AddedTokenMatcher raw_{{}};
  AddedTokenMatcher normalized_{{}};
};

}  // namespace llmtool
