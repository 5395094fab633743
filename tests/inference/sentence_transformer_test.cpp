#include "llmtool/inference/sentence_transformer.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "llmtool/core/errors.h"
#include "llmtool/inference/embedding_session.h"
#include "sentence_transformer_folder.h"

namespace llmtool {
namespace {

using testing::SentenceTransformerFolder;

EmbeddingOptions asked(const Json& json) {
  EmbeddingOptions options;
  if (json.contains("prompt")) options.prompt = json.at("prompt").get<std::string>();
  if (json.contains("prompt_name")) options.prompt_name = json.at("prompt_name").get<std::string>();
  if (json.contains("normalize_embeddings")) options.normalize = json.at("normalize_embeddings").get<bool>();
  return options;
}

std::vector<TextEmbedding> embed(const std::filesystem::path& folder, const std::vector<std::string>& texts,
                                 const EmbeddingOptions& options = {}) {
  const std::vector<TextInput> inputs = [&] {
    std::vector<TextInput> list;
    for (const std::string& text : texts) list.push_back({text, std::nullopt});
    return list;
  }();
  return EmbeddingSession::load(folder, {}, options).embed(inputs);
}

double length_of(const TextEmbedding& embedding) {
  double sum = 0;
  for (const float value : embedding.values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

TEST_CASE("Vectors are those of sentence-transformers, whatever modules and settings a folder has") {
  const std::vector<std::string> cases = testing::sentence_transformer_cases();
  REQUIRE(cases.size() > 28);
  for (const std::string& name : cases) {
    CAPTURE(name);
    const SentenceTransformerFolder folder(name);
    const Json& expected = folder.expected();
    const auto found =
        embed(folder.path(), expected.at("texts").get<std::vector<std::string>>(), asked(expected.at("asked")));
    REQUIRE(found.size() == expected.at("vectors").size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto vector = expected.at("vectors")[i].get<std::vector<float>>();
      REQUIRE(found[i].values.size() == vector.size());
      for (std::size_t k = 0; k < vector.size(); ++k) CHECK(found[i].values[k] == Approx(vector[k]).margin(5e-6));
    }
  }
}

TEST_CASE("Options go before what the folder says about pooling, lengths and normalisation") {
  const SentenceTransformerFolder folder("max_seq_length");  // mean, at length 1, 7 tokens
  const std::vector<std::string> texts{"the cat sat on the mat . the cat sat on the mat ."};
  CHECK(embed(folder.path(), texts).front().num_tokens == 7);
  SessionOptions longer;
  longer.max_length = 12;
  CHECK(EmbeddingSession::load(folder.path(), longer, {}).max_length() == 12);
  EmbeddingOptions options;
  options.normalize = false;
  const auto raw = embed(folder.path(), texts, options);
  CHECK(std::abs(length_of(raw.front()) - 1) > 0.01);
  options.pooling = Pooling::kMax;
  CHECK(embed(folder.path(), texts, options).front().values != raw.front().values);
  CHECK(length_of(embed(folder.path(), texts).front()) == Approx(1).margin(1e-5));
}

TEST_CASE("A length beyond the model's positions is cut to them, and said") {
  const SentenceTransformerFolder folder("max_seq_length");
  folder.set("sentence_bert_config.json", {{"max_seq_length", 514}});
  const EmbeddingSession session = EmbeddingSession::load(folder.path(), {}, {});
  CHECK(session.max_length() == 32);
  CHECK(session.max_length_source() == "sentence_bert_config.json, as far as the model's 32 positions go");
}

TEST_CASE("A prompt goes before the first text of a pair") {
  const SentenceTransformerFolder folder("default_prompt");
  EmbeddingOptions none;
  none.prompt = "";
  const EmbeddingSession plain = EmbeddingSession::load(folder.path(), {}, none);
  const EmbeddingSession prompted = EmbeddingSession::load(folder.path(), {}, {});
  CHECK(prompted.prompt() == "query : ");
  CHECK(prompted.embed(std::vector<TextInput>{{"a film", "a dog"}})[0].values ==
        plain.embed(std::vector<TextInput>{{"query : a film", "a dog"}})[0].values);
}

TEST_CASE("An unknown prompt lists the known ones") {
  const SentenceTransformerFolder folder("default_prompt");
  EmbeddingOptions options;
  options.prompt_name = "question";
  CHECK_THROWS_WITH(EmbeddingSession::load(folder.path(), {}, options),
                    Catch::Contains("has no prompt 'question'; its prompts are ") && Catch::Contains("'query'"));
  CHECK_THROWS_AS(EmbeddingSession::load(folder.path(), {}, options), UsageError);
  folder.set("config_sentence_transformers.json", {{"default_prompt_name", "question"}});
  CHECK_THROWS_WITH(read_sentence_transformer(folder.path()),
                    Catch::Contains("'default_prompt_name' is 'question', which is no prompt"));
}

TEST_CASE("A text cut down to a prompt that is left out keeps the token behind it, with nothing left it is refused") {
  const SentenceTransformerFolder folder("prompt_left_out");
  SessionOptions short_texts;
  short_texts.max_length = 4;
  EmbeddingOptions options;
  options.prompt = "the cat sat on the mat";
  const std::vector<TextInput> texts{{"a film", {}}, {"", {}}};
  CHECK(EmbeddingSession::load(folder.path(), short_texts, options).embed(texts).size() == 2);

  folder.set("tokenizer.json", {{"post_processor", nullptr}});
  CHECK_THROWS_WITH(
      EmbeddingSession::load(folder.path(), {}, options).embed(texts),
      "text 2: nothing of it is left beside the prompt, whose tokens this model leaves out of the vector");
}

struct Refused {
  const char* folder;
  const char* file;
  Json changes;
  const char* message;
};

TEST_CASE("What changes vectors and is not supported is refused by its name") {
  const std::vector<Refused> table{
      {"dense_normalized",
       "sentence_bert_config.json",
       {{"processing_kwargs", {{"text", {{"max_length", 5}}}}}},
       "'processing_kwargs'"},
      {"dense_normalized", "sentence_bert_config.json", {{"transformer_task", "fill-mask"}}, "'transformer_task'"},
      {"dense_normalized", "sentence_bert_config.json", {{"module_output_name", "scores"}}, "'module_output_name'"},
      {"dense_normalized",
       "sentence_bert_config.json",
       {{"modality_config", {{"text", {{"method", "embed"}, {"method_output_name", "last_hidden_state"}}}}}},
       "'modality_config.text.method'"},
      {"dense_normalized",
       "sentence_bert_config.json",
       {{"model_args", {{"output_hidden_states", true}}}},
       "'model_args.output_hidden_states'"},
      {"dense_normalized", "sentence_bert_config.json", {{"new_setting", 1}}, "the setting 'new_setting'"},
      {"dense_normalized",
       "sentence_bert_config.json",
       {{"max_seq_length", 0}},
       "'max_seq_length' must be a whole number"},
      {"dense_normalized",
       "sentence_bert_config.json",
       {{"do_lower_case", "yes"}},
       "'do_lower_case' must be true or false"},
      {"dense_normalized",
       "1_Pooling/config.json",
       {{"pooling_mode", "median"}},
       "pooling by 'median' is not supported; supported are cls, max, mean, mean_sqrt_len_tokens, weightedmean, "
       "lasttoken"},
      {"dense_normalized", "1_Pooling/config.json", {{"pooling_mode", {"mean", 3}}}, "pooling by '3'"},
      {"dense_normalized",
       "1_Pooling/config.json",
       {{"pooling_mode_median", true}},
       "the setting 'pooling_mode_median' is not supported"},
      {"dense_normalized",
       "2_Dense/config.json",
       {{"activation_function", "torch.nn.modules.activation.PReLU"}},
       "the activation 'torch.nn.modules.activation.PReLU' is not supported"},
      {"dense_normalized",
       "2_Dense/config.json",
       {{"activation_function", "transformers.activations.GELUActivation"}},
       "GELUActivation' is not supported"},
      {"dense_normalized", "2_Dense/config.json", {{"in_features", 9}}, "2_Dense"},
      {"dense_normalized",
       "2_Dense/config.json",
       {{"module_input_name", "all_layer_embeddings"}},
       "'module_input_name' is 'all_layer_embeddings'"},
      {"dense_normalized", "2_Dense/config.json", {{"module_output_name", "token_embeddings"}}, "'module_output_name'"},
      {"dense_normalized", "2_Dense/config.json", {{"dropout", 0.1}}, "the setting 'dropout' is not supported"},
      {"dense_of_tokens", "1_Dense/config.json", {{"activation_function", "torch.nn.Softmax"}}, "of tokens depends on"},
      {"dense_normalized",
       "config_sentence_transformers.json",
       {{"model_type", "SparseEncoder"}},
       "'model_type' is 'SparseEncoder'; only 'SentenceTransformer' is supported"},
      {"dense_normalized", "config_sentence_transformers.json", {{"prompts", {{"query", 3}}}}, "'prompts'"},
      {"dense_normalized", "config_sentence_transformers.json", {{"truncate_dim", 0}}, "'truncate_dim'"}};
  for (const Refused& row : table) {
    CAPTURE(row.file, row.changes.dump());
    const SentenceTransformerFolder folder(row.folder);
    folder.set(row.file, row.changes);
    CHECK_THROWS_AS(EmbeddingSession::load(folder.path(), {}, {}), ModelError);
    CHECK_THROWS_WITH(EmbeddingSession::load(folder.path(), {}, {}), Catch::Contains(row.message));
    CHECK_THROWS_WITH(EmbeddingSession::load(folder.path(), {}, {}),
                      Catch::Contains(row.file) || Catch::Contains("2_Dense"));
  }
}

// Row `index` of modules.json with other values.
void change_module(const SentenceTransformerFolder& folder, std::size_t index, const Json& changes) {
  const auto file = folder / "modules.json";
  Json list = read_json_file(file.string(), ExitCode::kInternal);
  list[index].update(changes);
  folder.write("modules.json", list.dump());
}

TEST_CASE("A list of modules that makes no vectors, or others than we can, is refused") {
  const std::vector<std::tuple<std::size_t, Json, const char*>> table{
      {2,
       {{"type", "sentence_transformers.models.LSTM"}},
       "the module 'sentence_transformers.models.LSTM' is not supported"},
      {2, {{"type", "pylate.models.Dense"}}, "the module 'pylate.models.Dense' is not supported"},
      {0,
       {{"type", "sentence_transformers.models.CLIPModel"}},
       "the first module is 'sentence_transformers.models.CLIPModel'"},
      {1, {{"type", "sentence_transformers.models.Transformer"}}, "a second Transformer"},
      {1, {{"type", "sentence_transformers.models.Normalize"}}, ""},
      {1, {{"path", "../1_Pooling"}}, "leaves the model's folder"},
      {1, {{"path", "elsewhere"}}, "no such file, though modules.json names the module"},
      {1, {{"name", "0"}}, "two modules are named '0'"}};
  for (const auto& [index, changes, message] : table) {
    CAPTURE(changes.dump());
    const SentenceTransformerFolder folder("dense_normalized");
    change_module(folder, index, changes);
    CHECK_THROWS_AS(EmbeddingSession::load(folder.path(), {}, {}), ModelError);
    CHECK_THROWS_WITH(EmbeddingSession::load(folder.path(), {}, {}), Catch::Contains(message));
  }
  const SentenceTransformerFolder folder("pooling_mean");
  folder.write("modules.json", R"([{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}])");
  CHECK_THROWS_WITH(EmbeddingSession::load(folder.path(), {}, {}), Catch::Contains("has no Pooling"));
  folder.write("modules.json", "{}");
  CHECK_THROWS_WITH(EmbeddingSession::load(folder.path(), {}, {}), Catch::Contains("expected a list of modules"));
}

TEST_CASE("A plain folder is pooled by the mean at length 1, and told what its settings for the library count for") {
  const SentenceTransformerFolder folder("max_seq_length");
  std::filesystem::remove(folder / "modules.json");
  const SentenceTransformer read = read_sentence_transformer(folder.path());
  CHECK(read.modules.empty());
  CHECK_FALSE(read.reading.max_length);
  CHECK(length_of(embed(folder.path(), {"a film"}).front()) == Approx(1).margin(1e-5));
  REQUIRE(read.warnings.size() == 1);
  CHECK(read.warnings.front() == (folder / "sentence_bert_config.json").string() +
                                     ": what it says of 'max_seq_length' counts for nothing without a modules.json, as "
                                     "in sentence-transformers");
  CHECK(EmbeddingSession::load(folder.path(), {}, {}).warnings() == read.warnings);
}

TEST_CASE("Without a list of modules every setting that would change vectors is named") {
  const std::vector<std::pair<const char*, const char*>> table{
      {"without_list_reading", "'max_seq_length', 'do_lower_case'"},
      {"without_list_older_name", "sentence_roberta_config.json: what it says of 'max_seq_length', 'do_lower_case'"},
      {"without_list_task", "'transformer_task', 'tokenizer_args', 'some_key'"},
      {"without_list_prompts", "'default_prompt_name', 'truncate_dim'"},
      {"without_list_other_kind", "'model_type', 'default_prompt_name'"}};
  for (const auto& [name, words] : table) {
    CAPTURE(name);
    const auto warnings = read_sentence_transformer(SentenceTransformerFolder(name).path()).warnings;
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings.front(), Catch::Contains(words));
  }
  CHECK(read_sentence_transformer(SentenceTransformerFolder("without_list").path()).warnings.empty());
}

TEST_CASE("Without a list of modules a prompt counts where it is asked for by name") {
  const SentenceTransformerFolder folder("without_list_prompts");
  EmbeddingOptions named;
  named.prompt_name = "passage";
  EmbeddingOptions given;
  given.prompt = "a passage : ";
  CHECK(embed(folder.path(), {"a film"}, named).front().values ==
        embed(folder.path(), {"a film"}, given).front().values);
  named.prompt_name = "question";
  CHECK_THROWS_WITH(embed(folder.path(), {"a film"}, named), Catch::Contains("has no prompt 'question'"));
  const Json kept = read_sentence_transformer(folder.path()).settings.document;
  CHECK(kept.contains("prompts"));
  CHECK_FALSE(kept.contains("default_prompt_name"));
}

TEST_CASE("Settings beside those that a list of modules leads to are named") {
  const SentenceTransformerFolder folder("other_folders");  // the Transformer lies in encoder/
  CHECK(read_sentence_transformer(folder.path()).warnings.empty());
  folder.set("sentence_bert_config.json", {{"max_seq_length", 7}});
  folder.set("encoder/sentence_roberta_config.json", {{"do_lower_case", true}});
  folder.set("encoder/config_sentence_transformers.json", {{"truncate_dim", 3}});
  const SentenceTransformer read = read_sentence_transformer(folder.path());
  CHECK_FALSE(read.reading.max_length);
  CHECK_FALSE(read.settings.truncate_dim);
  REQUIRE(read.warnings.size() == 3);
  for (const std::string& warning : read.warnings)
    CHECK_THAT(warning,
               Catch::Contains("counts for nothing beside " + (folder / "encoder/sentence_bert_config.json").string()));
}

TEST_CASE("Damaged settings are refused whether a list of modules stands beside them or not") {
  const std::vector<std::pair<const char*, void (*)(const std::filesystem::path&)>> kinds{
      {"FIFO", [](const auto& path) { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }},
      {"device", [](const auto& path) { std::filesystem::create_symlink("/dev/zero", path); }},
      {"folder", [](const auto& path) { std::filesystem::create_directory(path); }}};
  const std::vector<std::pair<const char*, const char*>> contents{
      {"empty", ""},
      {"pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"},
      {"broken", "{"},
      {"list", "[1]"}};
  for (const char* name : {"without_list", "pooling_mean"})
    for (const char* file :
         {"sentence_bert_config.json", "sentence_albert_config.json", "config_sentence_transformers.json"}) {
      const SentenceTransformerFolder folder(name);
      const auto require_refused = [&](const char* kind) {
        CAPTURE(name, file, kind);
        // A folder cannot be read at all, like any file of a model that is one.
        const auto code = std::filesystem::is_directory(folder / file) ? ExitCode::kResources : ExitCode::kModel;
        try {
          read_sentence_transformer(folder.path());
          FAIL("was passed over");
        } catch (const Error& error) {
          CHECK(error.exit_code() == code);
          CHECK_THAT(error.what(), Catch::Contains(file));
        }
        std::filesystem::remove(folder / file);
      };
      std::filesystem::remove(folder / file);
      for (const auto& [kind, make] : kinds) {
        make(folder / file);
        require_refused(kind);
      }
      for (const auto& [kind, content] : contents) {
        folder.write(file, content);
        require_refused(kind);
      }
    }
}

TEST_CASE("Loading arguments that say how, not what, are passed over, a tokenizer's length counts") {
  const SentenceTransformerFolder folder("max_seq_length");
  folder.set("sentence_bert_config.json", {{"model_args", {{"attn_implementation", "sdpa"}}},
                                           {"tokenizer_args", {{"model_max_length", 9}}},
                                           {"unpad_inputs", true},
                                           {"query_length", 3}});
  CHECK(EmbeddingSession::load(folder.path(), {}, {}).max_length() == 9);
}

}  // namespace
}  // namespace llmtool
