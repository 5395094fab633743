#include <catch2/catch.hpp>

#include "letter_tokenizer.h"
#include "llmtool/core/errors.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/masking.h"

namespace llmtool {
namespace {

Encoding encoding_of(std::vector<std::int32_t> ids, std::vector<std::int32_t> types) {
  Encoding encoding;
  encoding.ids = std::move(ids);
  encoding.type_ids = std::move(types);
  return encoding;
}

TEST_CASE("An id beyond the embedding is refused with its token where it occurs") {
  const Tokenizer tokenizer = testing::letter_tokenizer();
  EmbeddingLimits limits;
  CHECK(limits.warnings(tokenizer).empty());
  const auto last = static_cast<std::int32_t>(tokenizer.id_bound() - 1);
  Encoding known = encoding_of({0, last - 1}, {0, 0});
  Encoding unknown = encoding_of({0, last}, {0, 0});
  CHECK_NOTHROW(limits.apply(tokenizer, unknown));
  limits.num_ids = last;
  CHECK_NOTHROW(limits.apply(tokenizer, known));
  CHECK_THROWS_WITH(limits.apply(tokenizer, unknown), Catch::Contains("the token " + quote(tokenizer.token(last)) +
                                                                      " has the id " + std::to_string(last)));
  CHECK_THROWS_AS(limits.apply(tokenizer, unknown), DataError);
  REQUIRE(limits.warnings(tokenizer).size() == 1);
  CHECK_THAT(limits.warnings(tokenizer).front(),
             Catch::Contains("the model's word embedding has " + std::to_string(last) + " rows"));
  CHECK(MaskingVocabulary::of(tokenizer, limits.num_ids).size() == last);
}

TEST_CASE("A type beyond the embedding is an error of the model unless no types are given") {
  const Tokenizer tokenizer = testing::letter_tokenizer();
  EmbeddingLimits limits;
  Encoding pair = encoding_of({0, 1, 2}, {0, 1, 2});
  CHECK_NOTHROW(limits.apply(tokenizer, pair));
  limits.num_types = 2;
  CHECK_THROWS_WITH(limits.apply(tokenizer, pair), Catch::Contains("type 2, but the model has embeddings for 2"));
  CHECK_THROWS_AS(limits.apply(tokenizer, pair), ModelError);
  limits.num_types = 1;
  limits.ignores_types = true;
  limits.apply(tokenizer, pair);
  CHECK(pair.type_ids == std::vector<std::int32_t>{0, 0, 0});
}

}  // namespace
}  // namespace llmtool
