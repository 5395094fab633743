#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {

// Tokens and their ids, which may have gaps. Should two tokens share an id, the later one names it.
class Vocabulary {
 public:
  struct Entry {
    std::string token;
    std::int32_t id;
  };
  // Larger ids are taken for damage: they would only reserve memory.
  static constexpr std::int32_t kLargestId = (1 << 24) - 1;
  // Bytes of one token, which texts are searched for at every place, and of all, which the search takes memory for.
  static constexpr std::size_t kLongestToken = std::size_t{1} << 14;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 25;

  // Ids must lie in 0 … kLargestId and tokens be distinct.
  explicit Vocabulary(std::vector<Entry> entries);

  const std::vector<Entry>& entries() const { return entries_; }
  std::int64_t size() const { return static_cast<std::int64_t>(entries_.size()); }
  std::int64_t id_bound() const { return static_cast<std::int64_t>(entry_of_id_.size()); }
  std::optional<std::string_view> token(std::int32_t id) const;
  // An id that more than one token has.
  std::optional<std::int32_t> shared_id() const;

 private:
  std::vector<Entry> entries_;
  std::vector<std::int32_t> entry_of_id_;  // -1: no token
};

// Counts the bytes of tokens as they are read, and fails in the reader's name for a token or for all that are too long.
class TokenLengths {
 public:
  void add(std::string_view token, const ComponentReader& reader);

 private:
  std::size_t total_ = 0;
};

// The tokens and ids under "vocab"; throws ModelError.
Vocabulary read_vocabulary(ComponentReader& reader);

// A vocab.txt: a token a line, whose number is its id. Returns {token: id}. As the tokenizers library reads it
// (WordPiece::read_file), white space at the end of a line is none of the token's, and of a token that stands twice the
// last line counts. Throws ModelError.
Json read_vocabulary_lines(const std::filesystem::path& path);

// The same written; nothing when reading it would not give the same ids.
std::optional<std::string> vocabulary_lines(const Vocabulary& vocabulary);

// Ids of the tokens <0x00> … <0xFF> that stand for the bytes of `text`; nothing when one of them has no token.
std::optional<std::vector<std::int32_t>> byte_token_ids(
    std::string_view text, const std::function<std::optional<std::int32_t>(std::string_view)>& find);

}  // namespace llmtool
