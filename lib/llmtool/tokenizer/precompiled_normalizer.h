#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/normalizer.h"

namespace llmtool {

// RFC 4648, section 4, padding required. Throws std::invalid_argument for anything else.
std::string decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

// SentencePiece's compiled rules: a double-array trie of texts, each with its replacement. Applied as the tokenizers
// library does (normalizers/precompiled.rs), which takes the shortest text that begins a grapheme cluster of less than
// six bytes for the whole cluster, and else goes by characters.
class PrecompiledNormalizer : public Normalizer {
 public:
  // `charsmap`: size of the trie in bytes (uint32, little-endian), its units (uint32 each), then replacements, each
  // ended by a zero byte. Throws std::invalid_argument for what is not that.
  explicit PrecompiledNormalizer(std::string_view charsmap);
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  // What the shortest rule makes of the beginning of `text`.
  std::optional<std::string_view> replacement_of(std::string_view text) const;
  // False when nothing is replaced.
  bool append_replacement(std::string_view text, std::vector<NormalizedText::Change>& changes) const;
  std::uint32_t unit(std::size_t position) const;

  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace llmtool
