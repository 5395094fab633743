#include "llmtool/tokenizer/byte_level.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "llmtool/core/text.h"

namespace llmtool::testing {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = end_of_gpt2_word(text, begin);
    words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

TEST_CASE("Every byte has a character of its own and comes back from it") {
  for (int byte = 0; byte < 256; ++byte) {
    const char32_t character = character_of_byte(static_cast<unsigned char>(byte));
    CHECK(byte_of_character(character) == static_cast<unsigned char>(byte));
  }
  CHECK(character_of_byte(' ') == U'Ġ');
  CHECK(character_of_byte('\n') == U'Ċ');
  for (const char32_t other : {U' ', U'\u00ad', U'\u0144', U'\u4e2d'})
    CHECK_FALSE(byte_of_character(other).has_value());
}

TEST_CASE("Text is cut as GPT-2's pattern cuts it") {
  using Words = std::vector<std::string>;
  CHECK(words_of("Hello world") == Words{"Hello", " world"});
  CHECK(words_of("I'll we've 'tis") == Words{"I", "'ll", " we", "'ve", " '", "tis"});
  CHECK(words_of("a  b   ") == Words{"a", " ", " b", "   "});
  CHECK(words_of("x\n\ny") == Words{"x", "\n", "\n", "y"});
  CHECK(words_of("a1 23!?b") == Words{"a", "1", " 23", "!?", "b"});
  CHECK(words_of("''s '") == Words{"''", "s", " '"});
  CHECK(words_of(" ").size() == 1);
}

TEST_CASE("Bytes that are not UTF-8 become one replacement character for each broken part") {
  const std::string mark = "\xef\xbf\xbd";
  CHECK(to_lossy_utf8("a\xc3\xa9z") == "a\xc3\xa9z");
  CHECK(to_lossy_utf8("a\xc3") == "a" + mark);
  CHECK(to_lossy_utf8("\xf0\x9f\x98z") == mark + "z");
  CHECK(to_lossy_utf8("\xed\xa0\x80") == mark + mark + mark);
  CHECK(to_lossy_utf8("\xff\xfe") == mark + mark);
}

}  // namespace
}  // namespace llmtool::testing
