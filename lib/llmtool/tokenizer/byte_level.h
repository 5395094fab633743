#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

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

}  // namespace llmtool
