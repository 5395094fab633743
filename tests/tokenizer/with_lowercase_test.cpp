#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/json.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {
namespace {

Json saved_normalizer(const Tokenizer& tokenizer) {
  const TemporaryDirectory directory;
  tokenizer.save(directory.path(), {});
  return read_json_file((directory / "tokenizer.json").string(), ExitCode::kModel).at("normalizer");
}

TEST_CASE("A lower-cased tokenizer reads capitals as small letters, whatever its own normalizer does") {
  const std::string name = GENERATE("cased", "byte-level", "roberta");
  CAPTURE(name);
  const Tokenizer original = Tokenizer::load(tokenizer_fixture(name));
  const Tokenizer lowered = original.with_lowercase();
  CHECK(lowered.encode("A Film IN Paris").ids == original.encode("a film in paris").ids);
  CHECK(lowered.encode("A Film IN Paris").ids != original.encode("A Film IN Paris").ids);
  CHECK(lowered.content_hash() != original.content_hash());
}

TEST_CASE("The step stands first in what is saved, and once") {
  const Tokenizer lowered = Tokenizer::load(tokenizer_fixture("cased")).with_lowercase();
  const Json normalizer = saved_normalizer(lowered);
  CHECK(normalizer.at("type") == "Sequence");
  CHECK(normalizer.at("normalizers").at(0).at("type") == "Lowercase");
  CHECK(normalizer.at("normalizers").size() == 2);
  CHECK(lowered.with_lowercase().content_hash() == lowered.content_hash());
}

TEST_CASE("Special tokens in a text keep their capitals") {
  const Tokenizer original = Tokenizer::load(tokenizer_fixture("cased"));
  CHECK(original.with_lowercase().encode("A [MASK]").ids == original.encode("a [MASK]").ids);
}

}  // namespace
}  // namespace llmtool::testing
