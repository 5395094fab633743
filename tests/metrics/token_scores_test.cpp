#include "llmtool/metrics/token_scores.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "llmtool/core/errors.h"

using namespace llmtool;

namespace {

LanguageModelScores sample_scores() {
  LanguageModelScores scores;
  scores.tokens.add(7, 1.0, true);
  scores.tokens.add(7, 2.0, false);
  scores.tokens.add(9, 6.0, false);
  scores.tokens.add(3, 3.0, true);
  return scores;
}

}  // namespace

TEST_CASE("perplexity is exp of the total over the predicted tokens, however they were merged") {
  LanguageModelScores scores = sample_scores();
  CHECK(*perplexity(scores).value == Approx(std::exp(3.0)).epsilon(1e-15));
  CHECK(*token_accuracy(scores).value == 0.5);
  TokenScores more;
  more.add(3, 8.0, false);
  scores.tokens.merge(more);
  CHECK(*perplexity(scores).value == Approx(std::exp(4.0)).epsilon(1e-15));
  CHECK(scores.tokens.counts().at(3) == 2);
}

TEST_CASE("the unigram perplexity is exp of the entropy of the predicted tokens") {
  // Shares 1/2, 1/4, 1/4: an entropy of 1.5 bits.
  CHECK(*unigram_perplexity(sample_scores()).value == Approx(std::pow(2.0, 1.5)).epsilon(1e-14));
}

TEST_CASE("the unigram perplexity of a sample is by the frequencies of the whole text") {
  LanguageModelScores scores = sample_scores();
  scores.text_counts = {{7, 1}, {9, 1}, {3, 2}, {5, 4}};
  // Shares 1/8, 1/8, 1/4 of tokens predicted twice, once, once: 3, 3, 3 and 2 bits.
  CHECK(*unigram_perplexity(scores).value == Approx(std::pow(2.0, 2.75)).epsilon(1e-14));
}

TEST_CASE("bits per byte count every token of the text, also those at the start of a sequence") {
  LanguageModelScores scores = sample_scores();
  CHECK_FALSE(bits_per_byte(scores).value);
  scores.num_text_tokens = 5;
  scores.num_bytes = 20;
  CHECK(*bits_per_byte(scores).value == Approx(3.0 / std::log(2.0) * 5 / 20).epsilon(1e-14));
}

TEST_CASE("without anything predicted every figure is undefined with a reason") {
  const LanguageModelScores none;
  for (const auto& metric : {perplexity, token_accuracy, unigram_perplexity, bits_per_byte, pair_accuracy}) {
    CHECK_FALSE(metric(none).value);
    CHECK_FALSE(metric(none).reason.empty());
  }
}

TEST_CASE("a perplexity too large for a double is undefined and a NaN loss is an error") {
  LanguageModelScores scores;
  scores.tokens.add(1, 1000.0, false);
  CHECK_FALSE(perplexity(scores).value);
  CHECK_THROWS_AS(scores.tokens.add(1, std::nan(""), false), NonFiniteError);
}

TEST_CASE("pairs are judged right or wrong") {
  LanguageModelScores scores;
  scores.pair_loss.add(0.5, 1.0);
  scores.pair_loss.add(0.7, 1.0);
  scores.num_right_pairs = 1;
  CHECK(*pair_accuracy(scores).value == 0.5);
}
