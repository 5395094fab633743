#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool {

// GPT-2's printable alphabet of bytes: printable Latin-1 characters stand for themselves, the others are numbered from
// U+0100 on, so that a space is Ġ (bytes_to_unicode() of OpenAI's encoder.py).
char32_t character_of_byte(unsigned char byte);
std::optional<unsigned char> byte_of_character(char32_t character);

// `bytes` written in that alphabet, appended to `text`.
void append_byte_characters(std::string_view bytes, std::string& text);

// End of the word that begins at `begin` < text.size(), as GPT-2's pattern cuts it:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t end_of_gpt2_word(std::string_view text, std::size_t begin);

// ByteLevel: cuts by GPT-2's pattern, and writes the words as bytes in GPT-2's alphabet (pre_tokenizers/byte_level.rs).
class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  struct Options {
    bool add_prefix_space = true;  // before a text that begins with none
    bool use_regex = true;         // false: words are not cut
  };
  explicit ByteLevelPreTokenizer(const Options& options) : options_(options) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);

  const Options& options() const { return options_; }
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  Options options_;
};

// `bytes` as text: each maximal part of an ill-formed sequence becomes one U+FFFD (Unicode 15, section 3.9; Rust's
// from_utf8_lossy).
std::string to_lossy_utf8(std::string_view bytes);

}  // namespace llmtool
