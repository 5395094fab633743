#include "llmtool/data/masking.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "../support/temporary_directory.h"
#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/tokenizer/tokenizer.h"

using namespace llmtool;
using Catch::Contains;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int32_t kMask = 4;
constexpr std::int32_t kContinuation = 9;  // ##x

MaskingVocabulary vocabulary() { return MaskingVocabulary::of(testing::letter_tokenizer()); }

// "[CLS] a b ##x ##x c …  [SEP]" with words of one to three tokens.
Ids long_text(std::size_t num_words) {
  Ids ids{2};
  for (std::size_t i = 0; i < num_words; ++i) {
    ids.push_back(static_cast<std::int32_t>(5 + i % 4));
    for (std::size_t more = i * 7 % 3; more > 0; --more) ids.push_back(kContinuation);
  }
  ids.push_back(3);
  return ids;
}

struct Counts {
  double chosen = 0;
  double masked = 0;
  double random = 0;
  double text = 0;
};

Counts count(const MaskingOptions& options, std::size_t num_words = 60'000) {
  const Ids original = long_text(num_words);
  Ids ids = original;
  Counts counts;
  counts.text = static_cast<double>(ids.size() - 2);
  for (const PredictedToken& token : Masker(options, vocabulary()).mask(ids, CounterRandom(3, 1))) {
    const auto position = static_cast<std::size_t>(token.position);
    CHECK(token.target == original[position]);
    ++counts.chosen;
    counts.masked += ids[position] == kMask;
    counts.random += ids[position] != kMask && ids[position] != original[position];
  }
  CHECK(ids.front() == 2);
  CHECK(ids.back() == 3);
  return counts;
}

// Word of each position; special tokens have none.
std::map<std::int64_t, std::int64_t> words_of(const Ids& ids) {
  std::map<std::int64_t, std::int64_t> words;
  std::int64_t word = -1;
  for (std::size_t i = 1; i + 1 < ids.size(); ++i) {
    if (ids[i] != kContinuation) ++word;
    words[static_cast<std::int64_t>(i)] = word;
  }
  return words;
}

}  // namespace

TEST_CASE("15 % of the tokens are chosen: 80 % masked, 10 % random, 10 % kept") {
  const Counts counts = count({});
  CHECK(counts.chosen / counts.text == Approx(0.15).margin(0.003));
  CHECK(counts.masked / counts.chosen == Approx(0.8).margin(0.01));
  // One random token in ten is the mask token or the original one.
  CHECK(counts.random / counts.chosen == Approx(0.08).margin(0.01));
}

TEST_CASE("probability and shares are as asked for") {
  const Counts counts = count({.probability = 0.4, .mask_share = 1.0, .random_share = 0.0});
  CHECK(counts.chosen / counts.text == Approx(0.4).margin(0.005));
  CHECK(counts.masked == counts.chosen);
}

TEST_CASE("words and spans are chosen whole, as many as asked for") {
  const MaskUnit unit = GENERATE(MaskUnit::kWord, MaskUnit::kSpan);
  const double probability = GENERATE(0.15, 0.5);
  const Ids original = long_text(60'000);
  Ids ids = original;
  const auto words = words_of(original);
  std::set<std::int64_t> chosen;
  std::set<std::int64_t> chosen_words;
  for (const PredictedToken& token :
       Masker({.probability = probability, .unit = unit}, vocabulary()).mask(ids, CounterRandom(3, 1))) {
    chosen.insert(token.position);
    chosen_words.insert(words.at(token.position));
  }
  for (const auto& [position, word] : words) CHECK(chosen.count(position) == chosen_words.count(word));
  CHECK(static_cast<double>(chosen_words.size()) / 60'000 == Approx(probability).margin(0.01));
}

TEST_CASE("a span is hidden, replaced or left as a whole") {
  const Ids original = long_text(3000);
  Ids ids = original;
  const auto masked =
      Masker({.probability = 0.02, .unit = MaskUnit::kSpan}, vocabulary()).mask(ids, CounterRandom(3, 1));
  std::int64_t num_mixed = 0;
  std::int64_t num_spans = 1;
  for (std::size_t i = 1; i < masked.size(); ++i) {
    const auto at = static_cast<std::size_t>(masked[i].position);
    if (masked[i - 1].position + 1 != masked[i].position) {
      ++num_spans;
      continue;
    }
    num_mixed += (ids[at] == kMask) != (ids[at - 1] == kMask);
  }
  CHECK(num_spans > 10);
  CHECK(num_mixed <= num_spans / 10);  // spans may lie side by side
}

TEST_CASE("a vocabulary of marked spaces has words that begin with them, whatever else is in it") {
  const testing::TemporaryDirectory directory;
  directory.write("vocab.json",
                  R"({"<mask>": 0, "a": 1, "#": 2, "##": 3, "\u0120": 4, "\u0120a": 5, "\u0120##": 6, "<s>": 7,
                                     "</s>": 8, "<unk>": 9, "<pad>": 10})");
  directory.write("merges.txt", "#version: 0.2\n# #\n\u0120 a\n\u0120 ##\n");
  directory.write("tokenizer_config.json", R"({"mask_token": "<mask>", "tokenizer_class": "RobertaTokenizer"})");
  const MaskingVocabulary words = MaskingVocabulary::of(Tokenizer::load(directory.path()));
  CHECK(words.continues_word[1]);
  CHECK(words.continues_word[3]);
  CHECK_FALSE(words.continues_word[5]);
  CHECK_FALSE(words.continues_word[6]);
}

TEST_CASE("spans are runs of words, on average as long as SpanBERT's") {
  Ids ids = long_text(200'000);
  const auto words = words_of(ids);
  std::set<std::int64_t> chosen_words;
  for (const PredictedToken& token :
       Masker({.probability = 0.01, .unit = MaskUnit::kSpan}, vocabulary()).mask(ids, CounterRandom(3, 1)))
    chosen_words.insert(words.at(token.position));
  double num_spans = 0;
  for (const std::int64_t word : chosen_words) num_spans += chosen_words.count(word - 1) == 0;
  // Geometric with p = 0.2, cut at 10: (1 - 0.8^10) / 0.2.
  CHECK(static_cast<double>(chosen_words.size()) / num_spans == Approx((1 - std::pow(0.8, 10)) / 0.2).margin(0.3));
}

TEST_CASE("the same random numbers give the same choice, others another") {
  const Masker masker({}, vocabulary());
  Ids first = long_text(100);
  Ids second = first;
  Ids other = first;
  masker.mask(first, CounterRandom(3, 1));
  masker.mask(second, CounterRandom(3, 1));
  masker.mask(other, CounterRandom(3, 2));
  CHECK(first == second);
  CHECK(first != other);
}

TEST_CASE("what is chosen in a text does not depend on what follows it") {
  const Masker masker({}, vocabulary());
  Ids whole = long_text(100);
  Ids beginning(whole.begin(), whole.begin() + 50);
  masker.mask(whole, CounterRandom(3, 1));
  masker.mask(beginning, CounterRandom(3, 1));
  CHECK(beginning == Ids(whole.begin(), whole.begin() + 50));
}

TEST_CASE("masking needs a mask token") {
  const testing::TemporaryDirectory directory;
  directory.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n");
  directory.write("tokenizer_config.json",
                  R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer", "mask_token": null})");
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  CHECK_THROWS_WITH(MaskingVocabulary::of(tokenizer), Contains("no mask token") && Contains("causal_lm"));
}
