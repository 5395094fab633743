#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/temporary_directory.h"
#include "llmtool/inference/truncation_choice.h"

namespace llmtool {
namespace {

using testing::fixture;
using testing::TemporaryDirectory;

Json read_json(const std::filesystem::path& file) { return read_json_file(file.string(), ExitCode::kInternal); }

Json pair_types() { return read_json(fixture("inference/pair_types") / "expected.json"); }

// The types of the pair as a model of two types gets them.
std::vector<std::int32_t> types_for(const std::filesystem::path& folder, const std::string& model_type,
                                    const Json& pair) {
  const Tokenizer tokenizer = Tokenizer::load(folder);
  Encoding encoding = tokenizer.encode(pair[0].get<std::string>(), pair[1].get<std::string>(), {});
  const ModelDimensions dimensions{tokenizer.id_bound(), 32, 2, 8};
  embedding_limits(tokenizer, folder, dimensions, {{"model_type", model_type}}).apply(tokenizer, encoding);
  return encoding.type_ids;
}

// A folder as scripts/reference/pair_types_goldens.py made it for the row.
void write_folder(const TemporaryDirectory& directory, const Json& row) {
  const auto source = fixture("inference/pair_types") / row.at("tokenizer").get<std::string>();
  Json config = read_json(source / "tokenizer_config.json");
  for (const char* key : {"tokenizer_class", "model_input_names"}) {
    config.erase(key);
    if (!row.at(key).is_null()) config[key] = row.at(key);
  }
  directory.write("tokenizer.json", testing::read_file(source / "tokenizer.json"));
  directory.write("tokenizer_config.json", config.dump());
}

// Folders of llmtool went by this name, and were trained with the types of tokenizer.json.
bool is_left_open(const Json& row) {
  return row.at("tokenizer_class") == "PreTrainedTokenizerFast" && row.at("model_input_names").is_null();
}

TEST_CASE("A pair has the token types that transformers gives by class and input names of the tokenizer") {
  const Json expected = pair_types();
  REQUIRE(expected.at("rows").size() > 30);
  const std::vector<std::int32_t> none(7, 0);
  const std::vector<std::int32_t> apart{0, 0, 0, 0, 1, 1, 1};
  for (const Json& row : expected.at("rows")) {
    CAPTURE(row.dump());
    const TemporaryDirectory directory;
    write_folder(directory, row);
    const auto types = types_for(directory.path(), row.at("model_type").get<std::string>(), expected.at("pair"));
    if (is_left_open(row))
      CHECK(types == apart);
    else
      CHECK(types == (row.at("types").is_null() ? none : row.at("types").get<std::vector<std::int32_t>>()));
  }
}

TEST_CASE("A saved tokenizer names token types where transformers would not see from its class what the model takes") {
  const Json with{"input_ids", "token_type_ids", "attention_mask"};
  const Json without{"input_ids", "attention_mask"};
  for (const char* name : {"albert", "bert"}) {
    CAPTURE(name);
    const Tokenizer tokenizer = Tokenizer::load(fixture("inference/pair_types") / name);
    for (const std::optional<bool> gives_types : {std::optional<bool>(), std::optional(true), std::optional(false)}) {
      const TemporaryDirectory directory;
      tokenizer.save(directory.path(), {}, gives_types);
      const Json config = read_json(directory / "tokenizer_config.json");
      CHECK(config.at("tokenizer_class") == "PreTrainedTokenizerFast");
      CHECK(config.value("model_input_names", Json()) == (!gives_types ? Json() : *gives_types ? with : without));
      // Read again and saved again it stays.
      const TemporaryDirectory second;
      Tokenizer::load(directory.path()).save(second.path(), {}, gives_types);
      CHECK(read_json(second / "tokenizer_config.json") == config);
      if (gives_types) CHECK((types_for(directory.path(), name, pair_types().at("pair")).back() == 1) == *gives_types);
    }
  }
}

TEST_CASE("A model without token types, or of one, asks for none in the saved tokenizer") {
  EmbeddingLimits limits;
  CHECK_FALSE(limits.takes_types());
  limits.num_types = 1;
  CHECK_FALSE(limits.takes_types());
  limits.num_types = 2;
  CHECK(limits.takes_types() == true);
  limits.ignores_types = true;
  CHECK(limits.takes_types() == false);
}

}  // namespace
}  // namespace llmtool
