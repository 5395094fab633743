#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "golden_cases.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/random.h"
#include "llmtool/core/text.h"

namespace llmtool::testing {
namespace {

// Text of up to 40 code points: mostly letters, some from anywhere.
std::string random_text(std::uint64_t index) {
  const CounterRandom random(11, index);
  std::string text;
  const std::uint64_t length = random.below(40, 0);
  for (std::uint64_t i = 1; i <= length; ++i) {
    const std::uint64_t kind = random.below(10, 3 * i);
    const char32_t limit = kind < 6 ? 0x80 : kind < 8 ? 0x3000 : 0x110000;
    const auto code_point = static_cast<char32_t>(random.below(limit, 3 * i + 1));
    append_utf8(0xd800 <= code_point && code_point < 0xe000 ? U' ' : code_point, text);
  }
  return text;
}

TEST_CASE("Ids do not depend on whether offsets are asked for") {
  const std::string name =
      GENERATE("uncased", "cased", "chinese", "added", "byte-level", "roberta", "llama", "metaspace", "unigram",
               "unigram-bytes", "expression", "splits", "nfkd", "precompiled");
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture(name));
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const std::string text = random_text(i);
    if (tokenizer.encode(text).ids != tokenizer.encode(text, {.offsets = true}).ids) FAIL("text " << quote(text));
  }
}

TEST_CASE("Offsets ascend within the text") {
  const std::string name = GENERATE("uncased", "expression", "nfkd", "unigram");
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture(name));
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const std::string text = random_text(i);
    const auto length = static_cast<std::int32_t>(count_code_points(text));
    std::int32_t previous = 0;
    for (const Offset& offset : tokenizer.encode(text, {.add_special_tokens = false, .offsets = true}).offsets) {
      REQUIRE(previous <= offset.begin);
      REQUIRE(offset.begin < offset.end);
      REQUIRE(offset.end <= length);
      previous = offset.begin;
    }
  }
}

TEST_CASE("Truncation gives exactly max_length tokens and says so") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("cased"));
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Encoding whole = tokenizer.encode(random_text(2 * i), random_text(2 * i + 1));
    const auto max_length = static_cast<std::int64_t>(3 + i % 30);
    const Encoding cut = tokenizer.encode(random_text(2 * i), random_text(2 * i + 1), {.max_length = max_length});
    const auto length = static_cast<std::int64_t>(whole.ids.size());
    REQUIRE(static_cast<std::int64_t>(cut.ids.size()) == std::min(length, max_length));
    REQUIRE(cut.truncated == (length > max_length));
    REQUIRE(cut.num_tokens_before_truncation == length);
    REQUIRE(cut.type_ids.size() == cut.ids.size());
  }
}

TEST_CASE("Decoded plain words encode to the same ids") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("uncased"));
  for (const char* text : {"reading and writing", "the green garden", "unbelievable internationalization"}) {
    const Encoding encoding = tokenizer.encode(text);
    CHECK(tokenizer.decode(encoding.ids) == text);
  }
}

TEST_CASE("Byte-level BPE gives any text back") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("byte-level"));
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const std::string text = random_text(i);
    if (tokenizer.decode(tokenizer.encode(text).ids, false) != text) FAIL("text " << quote(text));
  }
}

TEST_CASE("Tokens and ids name each other") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("added"));
  for (std::int32_t id = 0; id < tokenizer.id_bound(); ++id) REQUIRE(tokenizer.find(tokenizer.token(id)) == id);
  CHECK(tokenizer.vocabulary_size() == tokenizer.id_bound());
  CHECK_FALSE(tokenizer.find("no such token").has_value());
  CHECK_THROWS_AS(tokenizer.token(-1), DataError);
  CHECK_THROWS_AS(tokenizer.token(static_cast<std::int32_t>(tokenizer.id_bound())), DataError);
}

TEST_CASE("Several threads may encode with one tokenizer") {
  const std::string name = GENERATE("chinese", "unigram", "expression", "precompiled");
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture(name));
  std::vector<std::vector<std::vector<std::int32_t>>> ids(4);
  std::vector<std::thread> threads;
  for (auto& own : ids)
    threads.emplace_back([&own, &tokenizer] {
      for (std::uint64_t i = 0; i < 1000; ++i)
        own.push_back(tokenizer.encode(random_text(i), {.offsets = i % 2 == 0}).ids);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(std::all_of(ids.begin(), ids.end(), [&](const auto& own) { return own == ids[0]; }));
}

TEST_CASE("Text that is not UTF-8 is refused with the place") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("uncased"));
  CHECK_THROWS_WITH(tokenizer.encode("caf\xe9 noir"), Catch::Contains("byte offset 3"));
}

TEST_CASE("A max_length below the special tokens is refused") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("uncased"));
  CHECK_THROWS_AS(tokenizer.encode("some words", {.max_length = 1}), UsageError);
  CHECK(tokenizer.encode("some words", {.max_length = 2}).ids.size() == 2);
}

}  // namespace
}  // namespace llmtool::testing
