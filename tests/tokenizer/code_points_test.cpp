#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "golden_cases.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/bert_normalizer.h"
#include "llmtool/tokenizer/simple_pre_tokenizers.h"

namespace llmtool::testing {
namespace {

// The words of a + code point + b, each followed by a bar.
std::string pieces_of(const BertNormalizer& normalizer, char32_t code_point) {
  std::string text = "a";
  append_utf8(code_point, text);
  NormalizedText normalized(text + "b", 0);
  normalizer.normalize(normalized);
  PreTokenizedText split{normalized, {{0, normalized.size()}}};
  BertPreTokenizer().split(split);
  std::string pieces;
  for (const auto& word : split.words) {
    for (std::size_t i = word.begin; i < word.end; ++i) append_utf8(split.text.characters()[i].code_point, pieces);
    pieces += '|';
  }
  return pieces;
}

std::string hash_of_block(const BertNormalizer& normalizer, char32_t first) {
  Sha256 hash;
  for (char32_t c = first; c < first + 256; ++c)
    if (c < 0xd800 || c >= 0xe000) hash.update(pieces_of(normalizer, c) + "\n");
  return hash.hex_digest().substr(0, 16);
}

TEST_CASE("Every code point is normalised and split as the tokenizers library does") {
  const BertNormalizer uncased({.strip_accents = true, .lowercase = true});
  const BertNormalizer cased({.strip_accents = false, .lowercase = false});
  const BertNormalizer accented({.strip_accents = false, .lowercase = true});
  std::ifstream golden(tokenizer_fixture("code_points.txt"));
  std::size_t blocks = 0;
  for (std::string line; std::getline(golden, line); ++blocks) {
    std::istringstream fields(line);
    std::string first;
    std::string expected[3];
    fields >> first >> expected[0] >> expected[1] >> expected[2];
    const auto code_point = static_cast<char32_t>(std::stoul(first, nullptr, 16));
    INFO("code points from U+" << first);
    CHECK(hash_of_block(uncased, code_point) == expected[0]);
    CHECK(hash_of_block(cased, code_point) == expected[1]);
    CHECK(hash_of_block(accented, code_point) == expected[2]);
  }
  CHECK(blocks == 0x110000 / 256);
}

TEST_CASE("The single pass over bytes agrees with the general way on every code point") {
  const std::string name = GENERATE("uncased", "cased", "chinese");
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture(name));
  Encoding scanned;
  Encoding general;
  for (char32_t c = 0; c < 0x110000; c += (c == 0xd7ff ? 0x801 : 1)) {
    std::string text = "re";
    append_utf8(c, text);
    text += "ing\xcc\x81 ";
    append_utf8(c, text);
    tokenizer.encode_into(text, std::nullopt, {}, scanned);
    tokenizer.encode_into(text, std::nullopt, {.offsets = true}, general);
    if (scanned.ids != general.ids) FAIL("differs at code point " << static_cast<std::uint32_t>(c));
  }
}

}  // namespace
}  // namespace llmtool::testing
