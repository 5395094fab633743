#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/data/sequences.h"

using namespace llmtool;
using Catch::Contains;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::int32_t kClassify = 2;
constexpr std::int32_t kSeparate = 3;
constexpr SequenceFrame kFrame{.length = 16, .prefix = kClassify, .suffix = kSeparate};

// Documents of one letter each, so that a segment tells which document it is from; sentence i has i + 1 tokens.
std::string documents_of(int num_documents, int num_sentences) {
  std::string text;
  for (int document = 0; document < num_documents; ++document) {
    for (int sentence = 0; sentence < num_sentences; ++sentence) {
      for (int i = 0; i <= sentence; ++i) text += std::string(1, static_cast<char>('a' + document)) + " ";
      text += "\n";
    }
    text += "\n";
  }
  return text;
}

SentencePairs pairs_of(const std::string& text, SentenceObjective objective, const SequenceFrame& frame = kFrame) {
  const testing::TemporaryDirectory directory;
  const CorpusRequest request{{.files = {directory.write("text.txt", text).string()}, .unit = DocumentUnit::kBlankLine},
                              true};
  auto corpus = std::make_shared<Corpus>(
      open_corpus(request, testing::letter_tokenizer(), directory / "cache", 1, silent_events()));
  std::vector<std::int64_t> documents;
  for (std::int64_t i = 0; i < corpus->num_documents(); ++i) documents.push_back(i);
  return SentencePairs(corpus, documents, frame, objective, 42);
}

struct Segments {
  Ids first;
  Ids second;
  std::int64_t label;
};

Segments segments_of(const SentencePairs& pairs, std::int64_t index, std::int64_t epoch) {
  TokenSequence sequence;
  pairs.fill(index, epoch, sequence);
  const Ids& ids = sequence.ids;
  CHECK(static_cast<std::int64_t>(ids.size()) == pairs.num_tokens(index, epoch));
  CHECK(static_cast<std::int64_t>(ids.size()) <= kFrame.length);
  REQUIRE(sequence.type_ids.size() == ids.size());
  CHECK(ids.front() == kClassify);
  CHECK(ids.back() == kSeparate);
  const auto middle = std::find(ids.begin(), ids.end(), kSeparate);
  const auto num_first = static_cast<std::size_t>(middle - ids.begin()) + 1;
  CHECK(static_cast<std::size_t>(std::count(sequence.type_ids.begin(), sequence.type_ids.end(), 0)) == num_first);
  return {Ids(ids.begin() + 1, middle), Ids(middle + 1, ids.end() - 1), sequence.pair_label.value()};
}

}  // namespace

TEST_CASE("half of the pairs follow each other, the others come from two documents") {
  const SentencePairs pairs = pairs_of(documents_of(4, 6), SentenceObjective::kNextSentence);
  REQUIRE(pairs.num_sequences() >= 4);
  int num_foreign = 0;
  int num_pairs = 0;
  for (std::int64_t epoch = 0; epoch < 100; ++epoch) {
    for (std::int64_t i = 0; i < pairs.num_sequences(); ++i) {
      const Segments segments = segments_of(pairs, i, epoch);
      REQUIRE_FALSE(segments.first.empty());
      REQUIRE_FALSE(segments.second.empty());
      CHECK((segments.first[0] != segments.second[0]) == (segments.label == 1));
      num_foreign += segments.label == 1;
      ++num_pairs;
    }
  }
  CHECK(static_cast<double>(num_foreign) / num_pairs == Approx(0.5).margin(0.08));
}

TEST_CASE("for sentence order the same two segments change places") {
  const SentencePairs pairs = pairs_of("a\nb b\n\nc\nd d\n", SentenceObjective::kSentenceOrder);
  for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
    const Segments segments = segments_of(pairs, 0, epoch);
    CHECK((segments.label == 0 ? segments.first : segments.second) == Ids{5});
    CHECK((segments.label == 0 ? segments.second : segments.first) == Ids{6, 6});
  }
}

TEST_CASE("pairs are the same whenever they are asked for, and new in every epoch") {
  const SentencePairs pairs = pairs_of(documents_of(4, 6), SentenceObjective::kNextSentence);
  bool differs = false;
  for (std::int64_t i = 0; i < pairs.num_sequences(); ++i) {
    const Segments first = segments_of(pairs, i, 3);
    const Segments again = segments_of(pairs, i, 3);
    CHECK(first.first == again.first);
    CHECK(first.second == again.second);
    differs = differs || segments_of(pairs, i, 4).second != first.second;
  }
  CHECK(differs);
}

TEST_CASE("sentences longer than a sequence make pairs that are cut and counted") {
  std::string sentence;
  for (int i = 0; i < 40; ++i) sentence += "a ";
  std::string text;
  for (int i = 0; i < 5; ++i) text += sentence + "\n";
  const SentencePairs pairs = pairs_of(text + "\nb\n\nc\nd\n", SentenceObjective::kSentenceOrder);
  CHECK(pairs.num_sequences() == 3);  // of 2 and 3 long sentences, and of c and d
  CHECK(pairs.num_truncated() == 2);
  CHECK(pairs.num_left_out() == 1);  // b alone
  for (std::int64_t i = 0; i < 2; ++i) {
    const Segments segments = segments_of(pairs, i, 0);
    CHECK(segments.first.size() + segments.second.size() == 13);
  }
}

TEST_CASE("text without pairs is refused with what to do") {
  CHECK_THROWS_WITH(pairs_of("a b c\n\nd\n", SentenceObjective::kNextSentence), Contains("data.document: blank_line"));
  CHECK_THROWS_WITH(pairs_of("a\nb\n", SentenceObjective::kNextSentence), Contains("only one document"));
  CHECK_NOTHROW(pairs_of("a\nb\n", SentenceObjective::kSentenceOrder));
  CHECK_THROWS_WITH(pairs_of("a\nb\n", SentenceObjective::kSentenceOrder, {.length = 4, .prefix = 2, .suffix = 3}),
                    Contains("tokenizer.max_length 4"));
}
