#include "llmtool/models/bert_family.h"

#include <catch2/catch.hpp>

#include "golden_model.h"
#include "llmtool/models/families.h"

namespace llmtool {
namespace {

using testing::model_error;

Json small_config() {
  return {{"model_type", "bert"},         {"vocab_size", 50},         {"hidden_size", 12},
          {"num_hidden_layers", 2},       {"num_attention_heads", 3}, {"intermediate_size", 24},
          {"max_position_embeddings", 16}};
}

std::string error_with(const std::string& key, const Json& value) {
  Json config = small_config();
  config[key] = value;
  return model_error([&] { read_bert_config(config, "config.json"); });
}

TEST_CASE("A BERT config is read with the defaults of Hugging Face") {
  const BertConfig config = read_bert_config(small_config(), "config.json");
  CHECK(config.vocab_size == 50);
  CHECK(config.type_vocab_size == 2);
  CHECK(config.pad_token_id == 0);
  CHECK(config.hidden_act == Activation::kGelu);
  CHECK(config.hidden_dropout_prob == 0.1);
  CHECK_FALSE(config.classifier_dropout.has_value());
  CHECK(config.layer_norm_eps == 1e-12);
}

TEST_CASE("Every missing size of a config is named") {
  for (const char* key : {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
                          "max_position_embeddings"}) {
    Json config = small_config();
    config.erase(key);
    const std::string message = model_error([&] { read_bert_config(config, "config.json"); });
    CHECK(message.find("config.json: '" + std::string(key) + "' is missing; give it, or, where there are weights") !=
          std::string::npos);
  }
}

TEST_CASE("A config value of the wrong type or beyond all measure is refused") {
  CHECK(error_with("hidden_size", "12").find("'hidden_size' must be an integer") != std::string::npos);
  CHECK(error_with("hidden_size", 12.5).find("not 12.5") != std::string::npos);
  CHECK(error_with("vocab_size", 0).find("not 0") != std::string::npos);
  CHECK(error_with("vocab_size", 18446744073709551615ULL).find("'vocab_size' must be") != std::string::npos);
  CHECK(error_with("num_hidden_layers", 1000000000).find("'num_hidden_layers' must be") != std::string::npos);
  CHECK(error_with("hidden_dropout_prob", 1.5).find("'hidden_dropout_prob' must be a number") != std::string::npos);
  CHECK(error_with("hidden_act", 3).find("'hidden_act' must be a string") != std::string::npos);
  CHECK(error_with("is_decoder", "no").find("'is_decoder' must be true or false") != std::string::npos);
  CHECK(error_with("pad_token_id", 50).find("'pad_token_id'") != std::string::npos);
}

TEST_CASE("What BERT configs may ask for but is not supported is named") {
  CHECK(error_with("hidden_act", "mish").find("'mish', which is not supported; supported are gelu") !=
        std::string::npos);
  CHECK(error_with("position_embedding_type", "relative_key").find("'relative_key'") != std::string::npos);
  CHECK(error_with("is_decoder", true).find("'is_decoder' is true") != std::string::npos);
}

TEST_CASE("A hidden size that the heads do not divide is refused") {
  CHECK(error_with("num_attention_heads", 5) ==
        "config.json: 'hidden_size' (12) is not a multiple of 'num_attention_heads' (5)");
}

TEST_CASE("Dropout overrides reach the config") {
  Json config = small_config();
  bert_family().override_dropout(config, {0.3, std::nullopt, 0.5}, HeadKind::kSequenceClassification);
  const BertConfig read = read_bert_config(config, "config.json");
  CHECK(read.hidden_dropout_prob == 0.3);
  CHECK(read.attention_probs_dropout_prob == 0.1);
  CHECK(read.classifier_dropout == 0.5);
}

TEST_CASE("Vocabulary and maximum length are held against the model's tables") {
  const ModelDimensions dimensions{100, 32, 2};
  CHECK_NOTHROW(check_vocabulary_fits(100, dimensions));
  CHECK_NOTHROW(check_max_length_fits(32, dimensions));
  CHECK(model_error([&] { check_vocabulary_fits(101, dimensions); }).find("101 ids") != std::string::npos);
  CHECK(model_error([&] { check_max_length_fits(33, dimensions); }).find("at most 32") != std::string::npos);
}

}  // namespace
}  // namespace llmtool
