#include "llmtool/inference/sentence_transformer.h"

#include <catch2/catch.hpp>
#include <cmath>

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
  REQUIRE(cases.size() > 20);
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

TEST_CASE("A plain folder is pooled by the mean at length 1, its settings for the library passed over") {
  const SentenceTransformerFolder folder("max_seq_length");
  std::filesystem::remove(folder / "modules.json");
  const SentenceTransformer read = read_sentence_transformer(folder.path());
  CHECK(read.modules.empty());
  CHECK_FALSE(read.reading.max_length);
  CHECK(length_of(embed(folder.path(), {"a film"}).front()) == Approx(1).margin(1e-5));
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
