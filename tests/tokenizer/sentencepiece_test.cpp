#include <sentencepiece_processor.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {
namespace {

// The message of the ModelError for a folder with this SentencePiece file and tokenizer_config.json.
std::string message_for(const std::string& model, const std::string& config) {
  const TemporaryDirectory directory;
  write_file_atomically(directory.path() / "spiece.model", model);
  write_file_atomically(directory.path() / "tokenizer_config.json", config);
  try {
    Tokenizer::load(directory.path());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= ' ' && c < 0x7f && c != '<' && c != '['; });
}

constexpr std::int32_t kUnknown = 3;  // in XLM-R's ids

double score_of(const std::vector<std::int32_t>& ids, const sentencepiece::SentencePieceProcessor& reference) {
  double sum = 0.0;
  for (const std::int32_t id : ids) sum += id == kUnknown ? 0.0 : reference.GetScore(id - 1);
  return sum;
}

TEST_CASE("XLM-R's ids are the SentencePiece library's, moved as fairseq does") {
  const auto folder = tokenizer_fixture("xlm-roberta");
  const Tokenizer tokenizer = Tokenizer::load(folder);
  sentencepiece::SentencePieceProcessor reference;
  REQUIRE(reference.Load((folder / "sentencepiece.bpe.model").string()).ok());
  std::size_t compared = 0;
  std::size_t ties = 0;
  for (const GoldenCase& golden : read_golden_cases()) {
    if (!is_plain(golden.text)) continue;
    Encoding encoding;
    EncodeOptions options;
    options.add_special_tokens = false;
    tokenizer.encode_into(golden.text, std::nullopt, options, encoding);
    std::vector<std::int32_t> expected;
    for (const int id : reference.EncodeAsIds(golden.text)) expected.push_back(id == 0 ? kUnknown : id + 1);
    ++compared;
    if (encoding.ids == expected) continue;
    // Of cuts with equal sums of scores it may choose another.
    ++ties;
    INFO("text " << quote(golden.text));
    CHECK(score_of(encoding.ids, reference) == Approx(score_of(expected, reference)).epsilon(1e-6));
  }
  CHECK(compared > 1000);
  CHECK(ties < compared / 100);
}

TEST_CASE("A damaged SentencePiece file is refused") {
  const std::string whole = read_file(tokenizer_fixture("albert") / "spiece.model");
  const std::string config = R"({"tokenizer_class": "AlbertTokenizer"})";
  CHECK(message_for(whole, config) == "loaded");
  for (const std::string& damaged : {std::string(), std::string("not a model"), whole.substr(0, whole.size() / 2)})
    CHECK_THAT(message_for(damaged, config), Catch::Contains("spiece.model") && Catch::Contains("damaged"));
}

TEST_CASE("A damaged piece of a SentencePiece file is refused by its id") {
  const std::string config = R"({"tokenizer_class": "AlbertTokenizer"})";
  const std::string whole = read_file(tokenizer_fixture("albert") / "spiece.model");
  const std::string mask = "[MASK]";  // piece 4
  const std::size_t text = whole.find(mask);
  REQUIRE(text != std::string::npos);
  std::string broken_text = whole;
  broken_text[text + 1] = '\xff';
  CHECK_THAT(message_for(broken_text, config),
             Catch::Contains("spiece.model") && Catch::Contains("piece 4") && Catch::Contains("not UTF-8"));
  std::string broken_score = whole;
  const std::string tag_and_not_a_number("\x15\x00\x00\xc0\x7f", 5);
  broken_score.replace(text + mask.size(), tag_and_not_a_number.size(), tag_and_not_a_number);
  CHECK_THAT(message_for(broken_score, config), Catch::Contains("piece 4") && Catch::Contains("not finite"));
}

TEST_CASE("A mask that the SentencePiece file does not have comes behind its last piece") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("deberta-v2"));
  CHECK(tokenizer.mask_id() == tokenizer.id_bound() - 1);
  CHECK(tokenizer.find("[MASK]") == tokenizer.mask_id());
}

TEST_CASE("A SentencePiece file of an unknown kind is refused by its class") {
  const std::string whole = read_file(tokenizer_fixture("albert") / "spiece.model");
  CHECK_THAT(message_for(whole, R"({"tokenizer_class": "T5Tokenizer"})"),
             Catch::Contains("'T5Tokenizer'") && Catch::Contains("AlbertTokenizer"));
  CHECK_THAT(message_for(whole, "{}"), Catch::Contains("which tokenizer"));
  CHECK_THAT(message_for(whole, R"({"tokenizer_class": "AlbertTokenizer", "cls_token": "<c>"})"),
             Catch::Contains("cls_token '<c>' is not in the vocabulary"));
}

}  // namespace
}  // namespace llmtool::testing
