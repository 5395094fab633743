#include "llmtool/models/families.h"

#include <catch2/catch.hpp>

#include "golden_model.h"

namespace llmtool {
namespace {

const Family& family(const std::string& model_type) { return find_family({{"model_type", model_type}}, "config.json"); }

TEST_CASE("A family names the class Hugging Face has for each of its heads") {
  CHECK(family("bert").architecture(HeadKind::kPretraining) == "BertForPreTraining");
  CHECK(family("gpt2").architecture(HeadKind::kCausalLm) == "GPT2LMHeadModel");
  CHECK(family("gpt2").find_head(HeadKind::kSequenceClassification) != nullptr);
  CHECK(family("gpt2").find_head(HeadKind::kMaskedLm) == nullptr);
}

TEST_CASE("A head that a family cannot have is refused with what to use instead") {
  const auto message = [](const std::string& model_type, HeadKind kind) {
    return testing::model_error([&] { family(model_type).architecture(kind); });
  };
  CHECK(message("gpt2", HeadKind::kMaskedLm) ==
        "gpt2 is a causal language model and has no masked-LM head; use task: causal_lm");
  CHECK(message("bert", HeadKind::kCausalLm) ==
        "bert sees the text on both sides of a token and has no causal-LM head; use task: masked_lm");
}

TEST_CASE("Config values a family does not support are refused by key and value") {
  const Json bert = {{"model_type", "bert"},        {"vocab_size", 10},         {"hidden_size", 8},
                     {"num_hidden_layers", 1},      {"num_attention_heads", 2}, {"intermediate_size", 8},
                     {"max_position_embeddings", 8}};
  const Json gpt2 = {{"model_type", "gpt2"}, {"vocab_size", 10}, {"n_positions", 8},
                     {"n_embd", 8},          {"n_layer", 1},     {"n_head", 2}};
  const auto message = [](Json config, const char* key, const Json& value) {
    config[key] = value;
    return testing::model_error([&] { find_family(config, "config.json").dimensions(config, "config.json"); });
  };
  CHECK(message(bert, "position_embedding_type", "relative_key") ==
        "config.json: 'position_embedding_type' is 'relative_key'; only 'absolute' is supported");
  CHECK(message(bert, "is_decoder", true).find("'is_decoder' is true") != std::string::npos);
  CHECK(message(gpt2, "add_cross_attention", true) ==
        "config.json: 'add_cross_attention' is true; only false is supported");
  CHECK(message(gpt2, "scale_attn_weights", false).find("'scale_attn_weights' is false") != std::string::npos);
  CHECK(message(gpt2, "n_head", 3).find("is not a multiple of 'n_head' (3)") != std::string::npos);
}

Json roberta() {
  return {{"model_type", "roberta"},     {"vocab_size", 10},         {"hidden_size", 8},
          {"num_hidden_layers", 1},      {"num_attention_heads", 2}, {"intermediate_size", 8},
          {"max_position_embeddings", 8}};
}

TEST_CASE("RoBERTa has positions for fewer tokens than its table has rows") {
  const auto positions = [](Json config) { return find_family(config, "").dimensions(config, "").num_positions; };
  CHECK(positions(roberta()) == 6);
  Json padded_at_3 = roberta();
  padded_at_3["pad_token_id"] = 3;
  CHECK(positions(padded_at_3) == 4);
}

TEST_CASE("RoBERTa without a padding id, or without a position after it, is refused") {
  const auto message = [](const char* key, const Json& value) {
    Json config = roberta();
    config[key] = value;
    return testing::model_error([&] { find_family(config, "config.json").dimensions(config, "config.json"); });
  };
  CHECK(message("pad_token_id", nullptr) ==
        "config.json: 'pad_token_id' is null, but this model counts its positions from it");
  CHECK(message("max_position_embeddings", 2) ==
        "config.json: 'max_position_embeddings' (2) leaves no position after 'pad_token_id' (1)");
}

TEST_CASE("A plain language model's config is checked like any other") {
  const Json plain = {{"model_type", "transformer_lm"},
                      {"vocab_size", 10},
                      {"max_position_embeddings", 8},
                      {"d_model", 8},
                      {"nhead", 2},
                      {"num_layers", 1}};
  const auto message = [&](const char* key, const Json& value) {
    Json config = plain;
    config[key] = value;
    return testing::model_error([&] { find_family(config, "config.json").dimensions(config, "config.json"); });
  };
  CHECK(message("position_encoding", "rotary") ==
        "config.json: 'position_encoding' is 'rotary'; supported are sinusoidal and learned");
  CHECK(message("bias", false) == "config.json: 'bias' is false; only true is supported");
  CHECK(message("nhead", 3).find("'d_model' (8) is not a multiple of 'nhead' (3)") != std::string::npos);
}

TEST_CASE("What a family's golden config may not say is refused by key and value") {
  const auto message = [](const std::string& golden, const std::string& key, const Json& value) {
    const auto directory = testing::read_golden(golden).directory;
    Json config = read_json_file((directory / "config.json").string(), ExitCode::kInternal);
    config[key] = value;
    return testing::model_error([&] { find_family(config, "c").dimensions(config, "c"); });
  };
  CHECK(message("albert_masked_lm", "num_hidden_groups", 9) ==
        "c: 'num_hidden_groups' (9) is larger than 'num_hidden_layers' (2)");
  CHECK(message("electra_masked_lm", "position_embedding_type", "relative_key").find("'relative_key'") !=
        std::string::npos);
  CHECK(message("modernbert_masked_lm", "layer_types", {"full_attention"}) ==
        "c: 'layer_types' must be a list with a type for each of the 3 layers");
  CHECK(message("modernbert_classification", "layer_types", {"full_attention", "chunked"}) ==
        "c: 'layer_types' has \"chunked\"; supported are \"full_attention\" and \"sliding_attention\"");
  CHECK(message("modernbert_classification", "classifier_pooling", "max") ==
        "c: 'classifier_pooling' is 'max'; supported are cls and mean");
  CHECK(message("modernbert_masked_lm", "rope_parameters", {{"full_attention", {{"rope_type", "yarn"}}}}) ==
        "c: rope_parameters.full_attention: 'rope_type' is 'yarn'; only 'default' is supported");
  CHECK(message("modernbert_masked_lm", "rope_scaling", {{"type", "linear"}, {"factor", 4.0}}).find("'rope_scaling'") !=
        std::string::npos);
  CHECK(message("modernbert_masked_lm", "rope_parameters", {{"rope_type", "linear"}, {"factor", 4.0}})
            .find("'rope_parameters' has 'rope_type'") != std::string::npos);
  CHECK(message("modernbert_masked_lm", "sliding_window", 3).find("'sliding_window' is 3") != std::string::npos);
  CHECK(message("deberta_v2_convolution", "conv_kernel_size", 4) ==
        "c: 'conv_kernel_size' is 4; only odd sizes keep a text's length");
  CHECK(message("deberta_v2_masked_lm", "pooler_hidden_size", 7) ==
        "c: 'pooler_hidden_size' is 7; only 32 is supported here");
  CHECK(message("deberta_v2_masked_lm", "position_buckets", 1).find("need at least 2") != std::string::npos);
}

TEST_CASE("A family with one dropout rate refuses others") {
  Json config = Json::object();
  const auto message = [&](DropoutOverrides overrides) {
    return testing::model_error(
        [&] { family("transformer_lm").override_dropout(config, overrides, HeadKind::kSequenceClassification); });
  };
  CHECK(message({std::nullopt, 0.1, std::nullopt}).find("one dropout rate; set model.dropout") != std::string::npos);
  CHECK(message({std::nullopt, std::nullopt, 0.1}).find("no dropout before its classifier") != std::string::npos);
}

TEST_CASE("Classifier dropout is refused for a head without it") {
  Json config = {{"model_type", "gpt2"}};
  DropoutOverrides overrides;
  overrides.hidden = 0.2;
  family("gpt2").override_dropout(config, overrides, HeadKind::kSequenceClassification);
  CHECK(config["resid_pdrop"] == 0.2);
  CHECK(config["embd_pdrop"] == 0.2);
  overrides.classifier = 0.1;
  CHECK(testing::model_error([&] {
          family("gpt2").override_dropout(config, overrides, HeadKind::kSequenceClassification);
        }).find("gpt2 has no dropout before its classifier") != std::string::npos);
  CHECK_FALSE(config.contains("classifier_dropout"));
  family("gpt2").override_dropout(config, overrides, HeadKind::kTokenClassification);
  CHECK(config["classifier_dropout"] == 0.1);
}

}  // namespace
}  // namespace llmtool
