#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/random.h"
#include "llmtool/data/sequences.h"
#include "llmtool/data/split.h"

using namespace llmtool;
using Catch::Contains;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int32_t kClassify = 2;
constexpr std::int32_t kSeparate = 3;

Ids ids_of(const SequenceSource& source, std::int64_t index) {
  TokenSequence sequence;
  source.fill(index, 0, sequence);
  CHECK(static_cast<std::int64_t>(sequence.ids.size()) == source.num_tokens(index, 0));
  return sequence.ids;
}

std::int64_t first_scored(const SequenceSource& source, std::int64_t index) {
  TokenSequence sequence;
  source.fill(index, 0, sequence);
  return sequence.first_scored;
}

TokenBlocks blocks_of(const std::string& text, const SequenceFrame& frame,
                      std::optional<std::int64_t> stride = std::nullopt) {
  auto corpus = testing::letter_corpus(text);
  auto documents = all_documents(*corpus);
  return TokenBlocks(std::move(corpus), std::move(documents), frame, stride);
}

}  // namespace

TEST_CASE("blocks cut documents that stand behind each other and keep the tail") {
  const TokenBlocks blocks = blocks_of("a b c\nd\na b\n", {.length = 3, .end_of_text = kSeparate});
  REQUIRE(blocks.num_sequences() == 3);
  CHECK(ids_of(blocks, 0) == Ids{5, 6, 7});
  CHECK(ids_of(blocks, 1) == Ids{3, 8, 3});
  CHECK(ids_of(blocks, 2) == Ids{5, 6, 3});
  CHECK(blocks.describe(1).ends_with("text.txt:1"));
  CHECK(blocks.describe(2).ends_with("text.txt:3"));
}

TEST_CASE("a frame takes room from the text of a block") {
  const TokenBlocks blocks = blocks_of("a b c d\n", {.length = 5, .prefix = kClassify, .suffix = kSeparate});
  REQUIRE(blocks.num_sequences() == 2);
  CHECK(ids_of(blocks, 0) == Ids{2, 5, 6, 7, 3});
  CHECK(ids_of(blocks, 1) == Ids{2, 8, 3});
}

TEST_CASE("with a stride blocks overlap, and what they share is scored once") {
  const TokenBlocks blocks = blocks_of("a b c d a b c\n", {.length = 4}, 2);
  REQUIRE(blocks.num_sequences() == 3);
  CHECK(ids_of(blocks, 1) == Ids{7, 8, 5, 6});
  CHECK(ids_of(blocks, 2) == Ids{5, 6, 7});
  CHECK(first_scored(blocks, 0) == 0);
  CHECK(first_scored(blocks, 1) == 2);
  CHECK(first_scored(blocks, 2) == 2);
}

TEST_CASE("blocks of any length and stride score every token exactly once") {
  const CounterRandom random(5, 0);
  for (std::uint64_t round = 0; round < 60; ++round) {
    std::string text;
    Ids stream;
    const std::uint64_t num_documents = 1 + random.below(6, round * 100);
    for (std::uint64_t d = 0; d < num_documents; ++d) {
      const std::uint64_t length = 1 + random.below(9, round * 100 + d + 1);
      for (std::uint64_t i = 0; i < length; ++i) {
        const auto letter = static_cast<std::int32_t>((i * i + d) % 4);
        text += std::string(1, static_cast<char>('a' + letter)) + " ";
        stream.push_back(5 + letter);
      }
      text += "\n";
      stream.push_back(kSeparate);
    }
    const auto length = static_cast<std::int64_t>(1 + random.below(8, round * 100 + 20));
    const auto stride =
        static_cast<std::int64_t>(1 + random.below(static_cast<std::uint64_t>(length), round * 100 + 21));
    const TokenBlocks blocks = blocks_of(text, {.length = length, .end_of_text = kSeparate}, stride);
    Ids scored;
    for (std::int64_t i = 0; i < blocks.num_sequences(); ++i) {
      const Ids ids = ids_of(blocks, i);
      scored.insert(scored.end(), ids.begin() + first_scored(blocks, i), ids.end());
    }
    CHECK(scored == stream);
  }
}

TEST_CASE("documents as sequences are cut at the end and counted, or become windows") {
  auto corpus = testing::letter_corpus("a b c d\nd\n");
  const SequenceFrame frame{.length = 3, .end_of_text = kSeparate};
  const DocumentSequences cut(corpus, {0, 1}, frame, std::nullopt);
  REQUIRE(cut.num_sequences() == 2);
  CHECK(cut.num_truncated() == 1);
  CHECK(ids_of(cut, 0) == Ids{5, 6, 7});
  CHECK(ids_of(cut, 1) == Ids{8, 3});
  const DocumentSequences windows(corpus, {0, 1}, frame, 2);
  REQUIRE(windows.num_sequences() == 3);
  CHECK(windows.num_truncated() == 0);
  CHECK(ids_of(windows, 1) == Ids{7, 8, 3});
  CHECK(first_scored(windows, 1) == 1);
}

TEST_CASE("a sequence without room for text and a stride that leaves tokens out are refused") {
  CHECK_THROWS_WITH(blocks_of("a\n", {.length = 2, .prefix = kClassify, .suffix = kSeparate}),
                    Contains("tokenizer.max_length 2"));
  CHECK_THROWS_WITH(blocks_of("a\n", {.length = 4, .prefix = kClassify}, 4), Contains("data.stride 4"));
}
