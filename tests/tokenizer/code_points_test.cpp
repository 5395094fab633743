#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "golden_cases.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool::testing {
namespace {

// The words of a + code point + b, each followed by a bar.
std::string pieces_of(const Normalizer& normalizer, char32_t code_point) {
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

std::string hash_of_block(const Normalizer& normalizer, char32_t first) {
  Sha256 hash;
  for (char32_t c = first; c < first + 256; ++c)
    if (c < 0xd800 || c >= 0xe000) hash.update(pieces_of(normalizer, c) + "\n");
  return hash.hex_digest().substr(0, 16);
}

// In the order of the columns of code_points.txt.
std::vector<std::unique_ptr<Normalizer>> tested_normalizers() {
  using Options = BertNormalizer::Options;
  std::vector<std::unique_ptr<Normalizer>> normalizers;
  for (const Options& options :
       {Options{.strip_accents = true, .lowercase = true}, Options{.strip_accents = false, .lowercase = false},
        Options{.strip_accents = false, .lowercase = true}})
    normalizers.push_back(std::make_unique<BertNormalizer>(options));
  for (const char* type : {"NFC", "NFD", "NFKC", "NFKD", "Nmt"}) {
    const Json json{{"type", type}};
    normalizers.push_back(make_normalizer(ComponentReader(json, "test", "normalizer")));
  }
  return normalizers;
}

TEST_CASE("Every code point is normalised and split as the tokenizers library does") {
  const auto normalizers = tested_normalizers();
  std::ifstream golden(tokenizer_fixture("code_points.txt"));
  std::size_t blocks = 0;
  for (std::string line; std::getline(golden, line); ++blocks) {
    std::istringstream fields(line);
    std::string first;
    fields >> first;
    const auto code_point = static_cast<char32_t>(std::stoul(first, nullptr, 16));
    for (std::size_t which = 0; which < normalizers.size(); ++which) {
      std::string expected;
      fields >> expected;
      INFO("code points from U+" << first << ", normalizer " << which);
      CHECK(hash_of_block(*normalizers[which], code_point) == expected);
    }
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
