#include <catch2/catch.hpp>
#include <string>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/json.h"

namespace llmtool::testing {
namespace {

Json saved_json(const TemporaryDirectory& directory, const std::string& name) {
  return read_json_file((directory / name).string(), ExitCode::kModel);
}

TEST_CASE("A saved tokenizer loads as the same tokenizer") {
  const std::string name = GENERATE("uncased", "cased", "chinese", "added", "components", "whitespace", "byte-level",
                                    "roberta", "llama", "metaspace", "unigram", "unigram-bytes", "expression", "splits",
                                    "nfkd", "precompiled", "xlm-roberta", "albert", "deberta-v2");
  const Tokenizer original = Tokenizer::load(tokenizer_fixture(name));
  TemporaryDirectory directory;
  original.save(directory.path(), {.max_length = 64});
  const Tokenizer saved = Tokenizer::load(directory.path());
  CHECK(saved.content_hash() == original.content_hash());
  CHECK(saved.vocabulary_size() == original.vocabulary_size());
}

TEST_CASE("A saved vocabulary file alone makes the same BERT tokenizer") {
  const Tokenizer original = Tokenizer::load(tokenizer_fixture("uncased"));
  TemporaryDirectory directory;
  original.save(directory.path(), {});
  std::filesystem::remove(directory / "tokenizer.json");
  CHECK(Tokenizer::load(directory.path()).content_hash() == original.content_hash());
}

TEST_CASE("The saved truncation is what the model was trained with") {
  TemporaryDirectory directory;
  Tokenizer::load(tokenizer_fixture("uncased"))
      .save(directory.path(),
            {.max_length = 64, .strategy = TruncationStrategy::kOnlyFirst, .side = TruncationSide::kLeft});
  const Json document = saved_json(directory, "tokenizer.json");
  CHECK(document["truncation"] ==
        Json{{"direction", "Left"}, {"max_length", 64}, {"strategy", "OnlyFirst"}, {"stride", 0}});
  CHECK(document["padding"].is_null());
}

TEST_CASE("Only a pipeline that is BERT's own is saved as BertTokenizer") {
  TemporaryDirectory directory;
  Tokenizer::load(tokenizer_fixture("cased")).save(directory.path(), {});
  CHECK(saved_json(directory, "tokenizer_config.json")["tokenizer_class"] == "BertTokenizer");
  CHECK(saved_json(directory, "tokenizer_config.json")["do_lower_case"] == false);
  Tokenizer::load(tokenizer_fixture("added")).save(directory.path(), {});
  CHECK(saved_json(directory, "tokenizer_config.json")["tokenizer_class"] == "PreTrainedTokenizerFast");
}

TEST_CASE("Saving keeps the keys of the original configuration") {
  TemporaryDirectory original;
  TemporaryDirectory saved;
  original.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n");
  original.write("tokenizer_config.json", R"({"name_or_path": "ours", "model_max_length": 300})");
  Tokenizer::load(original.path()).save(saved.path(), {.max_length = 64});
  const Json config = saved_json(saved, "tokenizer_config.json");
  CHECK(config["name_or_path"] == "ours");
  CHECK(config["model_max_length"] == 300);
  CHECK(config["mask_token"] == "[MASK]");
  CHECK(read_file(saved / "vocab.txt") == "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n");
}

TEST_CASE("The content hash sees what decides ids and nothing else") {
  TemporaryDirectory directory;
  const Tokenizer original = Tokenizer::load(tokenizer_fixture("uncased"));
  Json document = read_json_file((tokenizer_fixture("uncased") / "tokenizer.json").string(), ExitCode::kModel);
  document["truncation"] = {{"max_length", 4}, {"strategy", "LongestFirst"}, {"stride", 0}};
  directory.write("tokenizer.json", document.dump(4));
  CHECK(Tokenizer::load(directory.path()).content_hash() == original.content_hash());
  document["normalizer"]["lowercase"] = false;
  directory.write("tokenizer.json", document.dump());
  CHECK(Tokenizer::load(directory.path()).content_hash() != original.content_hash());
}

}  // namespace
}  // namespace llmtool::testing
