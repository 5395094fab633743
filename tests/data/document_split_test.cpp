#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/data/split.h"

using namespace llmtool;

namespace {

// "a", "a a", "a a a", …: as many documents, all different.
std::string numbered_lines(int count) {
  std::string text;
  std::string line;
  for (int i = 0; i < count; ++i) text += (line += "a ") + "\n";
  return text;
}

std::set<std::uint64_t> hashes(const Corpus& corpus, const std::vector<std::int64_t>& documents) {
  std::set<std::uint64_t> result;
  for (const std::int64_t document : documents) result.insert(corpus.text_hash(document));
  return result;
}

}  // namespace

TEST_CASE("a share of the documents goes to validation, every one to one side, in order") {
  const auto corpus = testing::letter_corpus(numbered_lines(1000));
  const DocumentSplit split = split_documents(*corpus, 0.2, 42);
  CHECK(split.validation.size() > 150);
  CHECK(split.validation.size() < 250);
  CHECK(split.training.size() + split.validation.size() == 1000);
  CHECK(std::is_sorted(split.training.begin(), split.training.end()));
  CHECK(std::is_sorted(split.validation.begin(), split.validation.end()));
}

TEST_CASE("a document keeps its side when the corpus grows and with a larger share") {
  const auto small = testing::letter_corpus(numbered_lines(200));
  const auto large = testing::letter_corpus("d\n" + numbered_lines(300));
  const auto before = hashes(*small, split_documents(*small, 0.2, 7).validation);
  const auto after = hashes(*large, split_documents(*large, 0.2, 7).validation);
  const auto more = hashes(*large, split_documents(*large, 0.5, 7).validation);
  for (const std::uint64_t document : before) CHECK(after.count(document) == 1);
  for (const std::uint64_t document : after) CHECK(more.count(document) == 1);
  CHECK(split_documents(*small, 0.2, 8).validation != split_documents(*small, 0.2, 7).validation);
}

TEST_CASE("equal documents stay together and an empty part is refused") {
  const auto corpus = testing::letter_corpus("a b\na b\na b\n");
  CHECK_THROWS_WITH(split_documents(*corpus, 0.5, 1), Catch::Contains("leaves none for"));
  CHECK_THROWS_AS(split_documents(*corpus, 0.5, 1), DataError);
}
