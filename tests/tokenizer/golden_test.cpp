#include <catch2/catch.hpp>
#include <span>

#include "golden_cases.h"
#include "llmtool/core/errors.h"

namespace llmtool::testing {
namespace {

// Says which case differs, once: thousands of checks would drown the report.
void require_case(bool equal, const GoldenCase& golden, std::size_t index, const std::string& what) {
  if (equal) return;
  FAIL("case " << index << " differs in " << what << "; text " << quote(golden.text) << ", second text "
               << quote(golden.pair.value_or("")));
}

void require_equal(const Tokenizer& tokenizer, const GoldenCase& golden, const GoldenAnswer& answer, std::size_t i) {
  EncodeOptions with_offsets = golden.options;
  with_offsets.offsets = true;
  Encoding encoding;
  Encoding ids_only;
  const std::optional<std::string_view> pair = golden.pair;
  const bool adds_special_tokens = golden.options.add_special_tokens;
  if (adds_special_tokens && golden.options.max_length.value_or(64) < tokenizer.num_special_tokens(pair.has_value())) {
    // The library gives them all the same.
    CHECK_THROWS_AS(tokenizer.encode_into(golden.text, pair, golden.options, ids_only), UsageError);
    return;
  }
  if (answer.error) {
    CHECK_THROWS_AS(tokenizer.encode_into(golden.text, pair, golden.options, ids_only), DataError);
    return;
  }
  tokenizer.encode_into(golden.text, pair, with_offsets, encoding);
  tokenizer.encode_into(golden.text, pair, golden.options, ids_only);
  const Encoding& expected = answer.encoding;
  require_case(encoding.ids == expected.ids, golden, i, "ids");
  require_case(ids_only.ids == expected.ids, golden, i, "ids without offsets");
  require_case(encoding.type_ids == expected.type_ids, golden, i, "type ids");
  require_case(ids_only.type_ids == expected.type_ids, golden, i, "type ids without offsets");
  require_case(encoding.offsets == expected.offsets, golden, i, "offsets");
  require_case(tokenizer.decode(expected.ids, true) == answer.decoded, golden, i, "decoded text");
  require_case(tokenizer.decode(expected.ids, false) == answer.decoded_all, golden, i, "decoded text with specials");
}

void require_all_equal(const std::filesystem::path& folder, const std::string& name) {
  const Tokenizer tokenizer = Tokenizer::load(folder);
  const std::vector<GoldenCase> cases = read_golden_cases();
  const std::vector<GoldenAnswer> answers = read_golden_answers(name);
  REQUIRE(cases.size() >= 5000);
  REQUIRE(cases.size() == answers.size());
  for (std::size_t i = 0; i < cases.size(); ++i) require_equal(tokenizer, cases[i], answers[i], i);
}

TEST_CASE("An uncased vocabulary gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("uncased"), "uncased");
}
TEST_CASE("A cased vocabulary gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("cased"), "cased");
}
TEST_CASE("A Chinese vocabulary gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("chinese"), "chinese");
}
TEST_CASE("Added tokens of every kind give what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("added"), "added");
}
TEST_CASE("Sequences of normalizers and pre-tokenizers give what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("components"), "components");
}
TEST_CASE("A vocabulary without continuation prefix gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("whitespace"), "whitespace");
}
TEST_CASE("Byte-level BPE gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("byte-level"), "byte-level");
}
TEST_CASE("Byte-level BPE with RoBERTa's processing gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("roberta"), "roberta");
}
TEST_CASE("BPE with byte fallback gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("llama"), "llama");
}
TEST_CASE("BPE with Metaspace and word ends gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("metaspace"), "metaspace");
}
TEST_CASE("Unigram gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("unigram"), "unigram");
}
TEST_CASE("Unigram with byte fallback gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("unigram-bytes"), "unigram-bytes");
}
TEST_CASE("Splitting by a regular expression gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("expression"), "expression");
}
TEST_CASE("Every behavior of splitting gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("splits"), "splits");
}
TEST_CASE("Compatibility decomposition gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("nfkd"), "nfkd");
}
TEST_CASE("A compiled character map gives what the tokenizers library gives") {
  require_all_equal(tokenizer_fixture("precompiled"), "precompiled");
}
TEST_CASE("The SentencePiece file of XLM-R gives what transformers makes of it") {
  require_all_equal(tokenizer_fixture("xlm-roberta"), "xlm-roberta");
}
TEST_CASE("The SentencePiece file of ALBERT gives what transformers makes of it") {
  require_all_equal(tokenizer_fixture("albert"), "albert");
}
TEST_CASE("The SentencePiece file of DeBERTa gives what transformers makes of it") {
  require_all_equal(tokenizer_fixture("deberta-v2"), "deberta-v2");
}
TEST_CASE("The demo model gives what the tokenizers library gives") {
  if (const auto folder = demo_model()) require_all_equal(*folder, "demo-model");
}
TEST_CASE("The real cased vocabulary gives what the tokenizers library gives") {
  if (const auto folder = shared_tokenizer("bert-base-cased")) require_all_equal(*folder, "bert-base-cased");
}
TEST_CASE("The real Chinese vocabulary gives what the tokenizers library gives") {
  if (const auto folder = shared_tokenizer("bert-base-chinese")) require_all_equal(*folder, "bert-base-chinese");
}

TEST_CASE("The real GPT-2 vocabulary gives what the tokenizers library gives") {
  if (const auto folder = shared_tokenizer("gpt2")) require_all_equal(*folder, "gpt2");
}

}  // namespace
}  // namespace llmtool::testing
