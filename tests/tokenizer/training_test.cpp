#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/model_trainers.h"
#include "llmtool/tokenizer/tokenizer_training.h"

namespace llmtool::testing {
namespace {

NextText stream_of(const std::vector<std::string>& texts) {
  return [&texts, next = std::size_t{0}](std::string& text) mutable {
    if (next == texts.size()) return false;
    text = texts[next++];
    return true;
  };
}

std::vector<std::string> golden_texts() {
  const auto rows = open_rows(tokenizer_fixture("training/texts.txt.gz").string());
  std::vector<std::string> texts;
  Row row;
  while (rows->next(row)) texts.emplace_back(row.cell(0));
  return texts;
}

Json golden(const std::string& name) {
  return read_json_file(tokenizer_fixture("training/goldens.json").string(), ExitCode::kModel)[name];
}

TokenizerTraining training_of(const Json& settings) {
  TokenizerTraining training;
  training.vocab_size = settings["vocab_size"];
  training.min_frequency = settings["min_frequency"];
  training.lowercase = settings.value("lowercase", false);
  return training;
}

// Tokens in the order of their ids.
std::vector<std::string> tokens_of(const Tokenizer& tokenizer) {
  std::vector<std::string> tokens;
  for (std::int32_t id = 0; id < tokenizer.id_bound(); ++id) tokens.emplace_back(tokenizer.token(id));
  return tokens;
}

TEST_CASE("Byte-level BPE learns the vocabulary and merges that the tokenizers library learns") {
  const std::string name = GENERATE("bpe", "bpe_rare");
  const Json expected = golden(name);
  TokenizerTraining training = training_of(expected["settings"]);
  training.kind = TrainedKind::kBpe;
  const auto texts = golden_texts();
  TemporaryDirectory directory;
  train_tokenizer(training, stream_of(texts), directory / "out", 2, silent_events());
  CHECK(tokens_of(Tokenizer::load(directory / "out")) == expected["tokens"].get<std::vector<std::string>>());
  const Json document = read_json_file((directory / "out" / "tokenizer.json").string(), ExitCode::kModel);
  CHECK(document["model"]["merges"] == expected["merges"]);
}

TEST_CASE("WordPiece learns the tokens that the tokenizers library learns") {
  const std::string name = GENERATE("wordpiece_uncased", "wordpiece_cased");
  const Json expected = golden(name);
  TokenizerTraining training = training_of(expected["settings"]);
  training.limit_alphabet = 60;
  const auto texts = golden_texts();
  TemporaryDirectory directory;
  train_tokenizer(training, stream_of(texts), directory / "out", 2, silent_events());
  std::vector<std::string> tokens = tokens_of(Tokenizer::load(directory / "out"));
  const auto num_single = static_cast<std::ptrdiff_t>(expected["single"].size());
  REQUIRE(static_cast<std::ptrdiff_t>(tokens.size()) >= num_single);
  std::sort(tokens.begin(), tokens.begin() + num_single);
  CHECK(std::vector(tokens.begin(), tokens.begin() + num_single) == expected["single"].get<std::vector<std::string>>());
  CHECK(std::vector(tokens.begin() + num_single, tokens.end()) == expected["merged"].get<std::vector<std::string>>());
}

TEST_CASE("Training writes the same files on any number of threads") {
  const TrainedKind kind = GENERATE(TrainedKind::kWordPiece, TrainedKind::kBpe);
  const auto texts = golden_texts();
  TemporaryDirectory directory;
  TokenizerTraining training{.kind = kind, .vocab_size = 1200, .lowercase = true};
  for (const int threads : {1, 3})
    train_tokenizer(training, stream_of(texts), directory / std::to_string(threads), threads, silent_events());
  for (const auto& entry : std::filesystem::directory_iterator(directory / "1"))
    CHECK(read_file(entry.path()) == read_file(directory / "3" / entry.path().filename()));
}

TEST_CASE("The separate vocabulary files make the same tokenizer") {
  const TrainedKind kind = GENERATE(TrainedKind::kWordPiece, TrainedKind::kBpe);
  const auto texts = golden_texts();
  TemporaryDirectory directory;
  train_tokenizer({.kind = kind, .vocab_size = 1200}, stream_of(texts), directory / "out", 1, silent_events());
  const Tokenizer trained = Tokenizer::load(directory / "out");
  std::filesystem::remove(directory / "out" / "tokenizer.json");
  if (kind == TrainedKind::kBpe)
    directory.write("out/tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer"})");
  const Tokenizer reread = Tokenizer::load(directory / "out");
  for (const std::string& text : texts) CHECK(reread.encode(text).ids == trained.encode(text).ids);
}

TEST_CASE("Unigram is trained by the SentencePiece library, each time the same, and keeps its model beside") {
  const auto texts = golden_texts();
  TemporaryDirectory directory;
  const TokenizerTraining training{.kind = TrainedKind::kUnigram, .vocab_size = 900, .lowercase = true};
  for (const char* name : {"first", "second"}) {
    const auto result = train_tokenizer(training, stream_of(texts), directory / name, 2, silent_events());
    CHECK(result.counts.num_texts == static_cast<std::int64_t>(texts.size()));
    CHECK(result.vocabulary_size == 900);
  }
  for (const char* file : {"spiece.model", "tokenizer.json", "tokenizer_config.json"})
    CHECK(read_file(directory / "first" / file) == read_file(directory / "second" / file));
  const Tokenizer tokenizer = Tokenizer::load(directory / "first");
  CHECK(tokenizer.mask_id() == 4);
  CHECK(tokenizer.encode("The House").ids == tokenizer.encode("the house").ids);
  CHECK(tokenizer.decode(tokenizer.encode("the house").ids) == "the house");
}

TEST_CASE("What the SentencePiece library refuses is told with its reason, and nothing is written") {
  const auto texts = golden_texts();
  TemporaryDirectory directory;
  TokenizerTraining training{.kind = TrainedKind::kUnigram, .vocab_size = 20};
  CHECK_THROWS_WITH(train_tokenizer(training, stream_of(texts), directory / "out", 1, silent_events()),
                    Catch::Contains("SentencePiece library cannot train this"));
  training.special_tokens = {"[DAY]"};
  CHECK_THROWS_WITH(train_tokenizer(training, stream_of(texts), directory / "out", 1, silent_events()),
                    Catch::Contains("not for unigram"));
  CHECK_FALSE(std::filesystem::exists(directory / "out"));
}

TEST_CASE("Special tokens come first, the further ones behind the usual ones") {
  const std::vector<std::string> texts{"one two one two"};
  TemporaryDirectory directory;
  train_tokenizer({.vocab_size = 60, .special_tokens = {"[DAY]", "[SEP]"}}, stream_of(texts), directory / "out", 1,
                  silent_events());
  const Tokenizer tokenizer = Tokenizer::load(directory / "out");
  CHECK(tokenizer.find("[MASK]") == 4);
  CHECK(tokenizer.find("[DAY]") == 5);
  CHECK(tokenizer.is_special(5));
  CHECK(tokenizer.encode("[DAY]").ids.size() == 3);
}

TEST_CASE("A vocabulary too small for its characters is refused, and nothing is written") {
  const std::vector<std::string> texts{"abcdefghij"};
  TemporaryDirectory directory;
  CHECK_THROWS_WITH(train_tokenizer({.vocab_size = 12}, stream_of(texts), directory / "out", 1, silent_events()),
                    Catch::Contains("more than the vocabulary size of 12") && Catch::Contains("--limit-alphabet"));
  CHECK_FALSE(std::filesystem::exists(directory / "out"));
}

TEST_CASE("Texts without words and settings of the other kind are refused") {
  const std::vector<std::string> texts{"  ", "\t"};
  TemporaryDirectory directory;
  CHECK_THROWS_WITH(train_tokenizer({}, stream_of(texts), directory / "out", 1, silent_events()),
                    Catch::Contains("no words"));
  CHECK_THROWS_WITH(train_tokenizer({.kind = TrainedKind::kBpe, .limit_alphabet = 9}, stream_of(texts),
                                    directory / "out", 1, silent_events()),
                    Catch::Contains("wordpiece"));
}

TEST_CASE("Counting forgets the rarest words when there are too many, the same on any number of threads") {
  std::vector<std::string> texts{"often often often"};
  for (int i = 0; i < 50; ++i) texts.push_back("rare" + std::to_string(i) + " often");
  const CutText cut = [](std::string_view text, const TakeWord& take) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find(' ', begin), text.size());
      take(text.substr(begin, end - begin));
      begin = end + 1;
    }
  };
  for (const int threads : {1, 2}) {
    const WordCounts counts = count_words(stream_of(texts), cut, threads, silent_events(), 20);
    REQUIRE(counts.words.size() == 1);
    CHECK(counts.words[0].word == "often");
    CHECK(counts.words[0].count == 53);
    CHECK(counts.num_rare == 50);
    CHECK(counts.least_kept == 2);
  }
}

TEST_CASE("Words too long to be words are left out and counted") {
  const std::vector<std::string> texts{std::string(kLongestCountedWord + 1, 'x')};
  const CutText cut = [](std::string_view text, const TakeWord& take) { take(text); };
  const WordCounts counts = count_words(stream_of(texts), cut, 1, silent_events());
  CHECK(counts.words.empty());
  CHECK(counts.num_overlong == 1);
}

TEST_CASE("Of equally frequent pairs the one with the lowest ids is merged first") {
  const std::vector<CountedWord> words{{"ab", 5}, {"cd", 5}, {"ba", 5}};
  const TrainedMerges trained = train_merges(words, {.vocab_size = 7});
  CHECK(trained.tokens == std::vector<std::string>{"a", "b", "c", "d", "ab", "ba", "cd"});
}

TEST_CASE("A pair that runs into itself is counted as it is merged") {
  const std::vector<CountedWord> words{{"aaaaa", 3}};
  const TrainedMerges trained = train_merges(words, {.vocab_size = 10});
  CHECK(trained.tokens == std::vector<std::string>{"a", "aa", "aaa", "aaaaa"});
}

}  // namespace
}  // namespace llmtool::testing
