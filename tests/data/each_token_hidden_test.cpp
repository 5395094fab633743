#include <catch2/catch.hpp>

#include "letter_tokenizer.h"
#include "llmtool/data/masking.h"
#include "llmtool/data/sequences.h"
#include "llmtool/data/split.h"

using namespace llmtool;

namespace {

constexpr std::int32_t kMask = 4;

EachTokenHidden inputs_of(const std::string& text, std::int64_t length, std::optional<std::int64_t> stride) {
  auto corpus = testing::letter_corpus(text);
  const auto documents = all_documents(*corpus);
  const SequenceFrame frame{.length = length, .prefix = 2, .suffix = 3, .end_of_text = std::nullopt};
  return {std::make_shared<DocumentSequences>(std::move(corpus), documents, frame, stride),
          MaskingVocabulary::of(testing::letter_tokenizer())};
}

}  // namespace

TEST_CASE("every token of the text is hidden once and alone") {
  const EachTokenHidden inputs = inputs_of("a b c\nd\n", 8, std::nullopt);
  const std::vector<std::vector<std::int32_t>> expected = {
      {2, kMask, 6, 7, 3}, {2, 5, kMask, 7, 3}, {2, 5, 6, kMask, 3}, {2, kMask, 3}};
  const std::vector<std::int32_t> targets = {5, 6, 7, 8};
  REQUIRE(inputs.num_sequences() == 4);
  for (std::int64_t index = 0; index < 4; ++index) {
    TokenSequence sequence;
    inputs.fill(index, 0, sequence);
    CHECK(static_cast<std::int64_t>(sequence.ids.size()) == inputs.num_tokens(index, 0));
    const auto predicted = inputs.apply(sequence, index, 0);
    REQUIRE(predicted.size() == 1);
    CHECK(sequence.ids == expected[static_cast<std::size_t>(index)]);
    CHECK(predicted[0].target == targets[static_cast<std::size_t>(index)]);
    CHECK(sequence.ids[static_cast<std::size_t>(predicted[0].position)] == kMask);
  }
  CHECK(inputs.describe(3).find(":2") != std::string::npos);
}

TEST_CASE("tokens that overlapping windows share are hidden once") {
  // Windows of three tokens, one apart: a b c, b c d.
  const EachTokenHidden inputs = inputs_of("a b c d\n", 5, 1);
  std::vector<std::int32_t> targets;
  for (std::int64_t index = 0; index < inputs.num_sequences(); ++index) {
    TokenSequence sequence;
    inputs.fill(index, 0, sequence);
    targets.push_back(inputs.apply(sequence, index, 0).front().target);
  }
  CHECK(targets == std::vector<std::int32_t>{5, 6, 7, 8});
}

TEST_CASE("unknown tokens are never hidden, and their number is known") {
  auto corpus = testing::letter_corpus("a z b\nz z\n");
  const auto documents = all_documents(*corpus);
  const SequenceFrame frame{.length = 5, .prefix = 2, .suffix = 3, .end_of_text = std::nullopt};
  const auto sequences = std::make_shared<DocumentSequences>(std::move(corpus), documents, frame, 1);
  constexpr std::int32_t kUnknown = 1;
  CHECK(EachTokenHidden(sequences, MaskingVocabulary::of(testing::letter_tokenizer())).num_sequences() == 2);
  CHECK(count_scored_tokens(*sequences, kUnknown) == 3);
}

TEST_CASE("tokens that overlapping windows share are counted once") {
  auto corpus = testing::letter_corpus("z z z z\n");
  const auto documents = all_documents(*corpus);
  const SequenceFrame frame{.length = 5, .prefix = 2, .suffix = 3, .end_of_text = std::nullopt};
  const DocumentSequences sequences(std::move(corpus), documents, frame, 1);
  REQUIRE(sequences.num_sequences() == 2);
  CHECK(count_scored_tokens(sequences, 1) == 4);
}
