#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/random.h"
#include "llmtool/data/encoded_dataset.h"

using namespace llmtool;
using Catch::Contains;

namespace {

Record record_of(std::string text, std::int64_t line = 2) {
  Record record;
  record.line = line;
  record.text = std::move(text);
  return record;
}

std::vector<Record> many_records(std::int64_t count) {
  const CounterRandom random(11, 0);
  std::vector<Record> records;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string text;
    const auto position = static_cast<std::uint64_t>(i) * 100;
    for (std::uint64_t word = 0; word < random.below(20, position); ++word)
      text += std::string(1, static_cast<char>('a' + random.below(4, position + word + 1))) + " ";
    records.push_back(record_of(text, i + 2));
  }
  return records;
}

EncodedRecords encode(const std::vector<Record>& records, const TokenizerOptions& options = {},
                      std::int64_t num_threads = 1, const std::vector<std::int64_t>& labels = {}) {
  return encode_records(records, labels, "train.csv", testing::letter_tokenizer(), options, num_threads,
                        "tokenizing train", silent_events());
}

std::vector<std::int32_t> ids_of(const EncodedRecords& encoded, std::int64_t feature) {
  const auto row = encoded.dataset.column<std::int32_t>(kInputIds).row(feature);
  return {row.begin(), row.end()};
}

class CountingSink : public EventSink {
 public:
  void log(LogLevel, const std::string&, const Json&) override {}
  void progress(const Progress& progress) override {
    CHECK(progress.done >= done);
    done = progress.done;
    total = progress.total;
  }
  std::int64_t done = 0;
  std::int64_t total = 0;
};

}  // namespace

TEST_CASE("a record becomes a feature with ids types and its label") {
  const EncodedRecords encoded = encode({record_of("a b"), record_of("")}, {}, 1, {1, 0});
  REQUIRE(encoded.dataset.num_features() == 2);
  CHECK(ids_of(encoded, 0) == std::vector<std::int32_t>{2, 5, 6, 3});
  CHECK(ids_of(encoded, 1) == std::vector<std::int32_t>{2, 3});
  CHECK(encoded.dataset.column<std::int64_t>(kLabel).row(0)[0] == 1);
  CHECK(encoded.dataset.example_id(1) == 1);
  CHECK(encoded.num_tokens == 6);
  CHECK(encoded.longest == 4);
  CHECK(encoded.num_truncated == 0);
}

TEST_CASE("a pair has type 1 in its second text") {
  Record record = record_of("a");
  record.text_pair = "b";
  record.has_pair = true;
  const auto encoded = encode({record});
  CHECK(ids_of(encoded, 0) == std::vector<std::int32_t>{2, 5, 3, 6, 3});
  const auto types = encoded.dataset.column<std::int32_t>(kTokenTypeIds).row(0);
  CHECK(std::vector<std::int32_t>(types.begin(), types.end()) == std::vector<std::int32_t>{0, 0, 0, 1, 1});
  CHECK_FALSE(encoded.dataset.has_column(kLabel));
}

TEST_CASE("truncated records are counted") {
  TokenizerOptions options;
  options.max_length = 4;
  const auto encoded = encode({record_of("a b c d"), record_of("a b")}, options);
  CHECK(ids_of(encoded, 0) == std::vector<std::int32_t>{2, 5, 6, 3});
  CHECK(encoded.num_truncated == 1);
  CHECK(encoded.longest == 6);
}

TEST_CASE("an overlong record is an error naming its line and length when asked for") {
  TokenizerOptions options;
  options.max_length = 4;
  options.on_overlong = OnOverlong::kError;
  CHECK_THROWS_WITH(encode({record_of("a"), record_of("a b c d", 17)}, options),
                    Contains("train.csv:17: the text has 6 tokens, more than tokenizer.max_length 4"));
  CHECK_THROWS_AS(encode({record_of("a b c d")}, options), DataError);
}

TEST_CASE("the number of threads changes nothing") {
  const auto records = many_records(3000);
  const auto expected = encode(records, {}, 1);
  for (const std::int64_t num_threads : {2, 3, 16}) {
    const auto encoded = encode(records, {}, num_threads);
    REQUIRE(encoded.dataset.num_features() == 3000);
    CHECK(encoded.num_tokens == expected.num_tokens);
    bool same = true;
    for (std::int64_t i = 0; i < 3000; ++i) same = same && ids_of(encoded, i) == ids_of(expected, i);
    CHECK(same);
  }
}

TEST_CASE("the first bad record of the file is reported for any number of threads") {
  auto records = many_records(3000);
  TokenizerOptions options;
  options.max_length = 30;
  options.on_overlong = OnOverlong::kError;
  std::string overlong;
  for (int i = 0; i < 40; ++i) overlong += "a ";
  for (const std::size_t index : {700, 701, 1500, 2900}) records[index].text = overlong;
  for (const std::int64_t num_threads : {1, 2, 8})
    CHECK_THROWS_WITH(encode(records, options, num_threads), Contains("train.csv:702:"));
}

TEST_CASE("progress only grows and ends at the number of rows") {
  CountingSink sink;
  encode_records(many_records(1000), {}, "train.csv", testing::letter_tokenizer(), {}, 2, "tokenizing train", sink);
  CHECK(sink.total == 1000);
  CHECK(sink.done <= 1000);
  CHECK(sink.done > 0);
}

TEST_CASE("no records make an empty dataset") { CHECK(encode({}).dataset.num_features() == 0); }
