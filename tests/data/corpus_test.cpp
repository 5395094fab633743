#include "llmtool/data/corpus.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"

using namespace llmtool;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::int32_t>;

Ids tokens(const Corpus& corpus, std::int64_t document) {
  const auto ids = corpus.tokens(document);
  return {ids.begin(), ids.end()};
}

Corpus open(const CorpusRequest& request, const fs::path& cache, std::int64_t num_threads = 2) {
  return open_corpus(request, testing::letter_tokenizer(), cache, num_threads, silent_events());
}

std::size_t num_entries(const fs::path& cache) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(cache), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a corpus holds the tokens of every document without special tokens") {
  const testing::TemporaryDirectory directory;
  CorpusRequest request;
  request.source.files = {directory.write("1.txt", "a b\nc\n").string(), directory.write("2.txt", "\nd d d").string()};
  const Corpus corpus = open(request, directory / "cache");
  REQUIRE(corpus.num_documents() == 3);
  CHECK(corpus.num_tokens() == 6);
  CHECK(corpus.num_tokens(0) == 2);
  CHECK(corpus.num_tokens(2) == 3);
  CHECK(tokens(corpus, 0) == Ids{5, 6});
  CHECK(tokens(corpus, 2) == Ids{8, 8, 8});
  CHECK(corpus.num_bytes(2) == 5);
  CHECK(corpus.describe(1) == request.source.files[0] + ":2");
  CHECK(corpus.describe(2) == request.source.files[1] + ":2");
  CHECK_FALSE(corpus.has_sentences());
}

TEST_CASE("sentences are the lines of a document") {
  const testing::TemporaryDirectory directory;
  CorpusRequest request{{.files = {directory.write("1.txt", "a b\nc\n\nd").string()}, .unit = DocumentUnit::kBlankLine},
                        true};
  const Corpus corpus = open(request, directory / "cache");
  CHECK(corpus.sentence_ends(0) == std::vector<std::int64_t>{2, 3});
  CHECK(corpus.sentence_ends(1) == std::vector<std::int64_t>{1});
}

TEST_CASE("a corpus is reused until text, settings or tokenizer change") {
  const testing::TemporaryDirectory directory;
  const fs::path cache = directory / "cache";
  CorpusRequest request{{.files = {directory.write("1.txt", "a b\nc\n").string()}}, false};
  const std::string hash = open(request, cache).files_hash();
  CHECK(hash == sha256_of_file(request.source.files.front()));
  CHECK(open(request, cache).files_hash() == hash);
  CHECK(num_entries(cache) == 1);
  // The same text in another place is the same corpus.
  CorpusRequest moved{{.files = {directory.write("other.txt", "a b\nc\n").string()}}, false};
  CHECK(open(moved, cache).describe(0) == moved.source.files[0] + ":1");
  CHECK(num_entries(cache) == 1);
  directory.write("1.txt", "a b\nd\n");
  CHECK(tokens(open(request, cache), 1) == Ids{8});
  CHECK(num_entries(cache) == 2);
  request.source.unit = DocumentUnit::kFile;
  CHECK(open(request, cache).num_documents() == 1);
}

TEST_CASE("tokens do not depend on the number of threads") {
  const testing::TemporaryDirectory directory;
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += std::string(1, static_cast<char>('a' + i * i % 4)) + (i % 7 ? " " : "\n");
  const CorpusRequest request{{.files = {directory.write("1.txt", text).string()}}, false};
  const Corpus one = open(request, directory / "one", 1);
  const Corpus four = open(request, directory / "four", 4);
  REQUIRE(one.num_documents() == four.num_documents());
  for (std::int64_t i = 0; i < one.num_documents(); ++i) CHECK(tokens(one, i) == tokens(four, i));
}

TEST_CASE("an empty corpus is an error that names the file") {
  const testing::TemporaryDirectory directory;
  const CorpusRequest blank{{.files = {directory.write("blank.txt", "\n \n").string()}}, false};
  CHECK_THROWS_WITH(open(blank, directory / "cache"), Contains("blank.txt") && Contains("no text"));
  CHECK(num_entries(directory / "cache") == 0);
}

TEST_CASE("damaged tokens are made anew") {
  const testing::TemporaryDirectory directory;
  const CorpusRequest request{{.files = {directory.write("1.txt", "a b\nc\n").string()}}, true};
  open(request, directory / "cache");
  const fs::path entry = *fs::directory_iterator(directory / "cache");
  for (const char* name : {"tokens.bin", "documents.bin", "sentences.bin", "corpus.json"}) {
    CAPTURE(name);
    std::string content = testing::read_file(entry / name);
    content[content.size() / 2] ^= 0x40;
    std::ofstream(entry / name, std::ios::binary) << content;
    CHECK(tokens(open(request, directory / "cache"), 0) == Ids{5, 6});
    fs::resize_file(entry / name, 1);
    CHECK(tokens(open(request, directory / "cache"), 1) == Ids{7});
    fs::remove(entry / name);
    CHECK(tokens(open(request, directory / "cache"), 1) == Ids{7});
  }
}
