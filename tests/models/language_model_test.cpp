#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "../support/temporary_directory.h"
#include "golden_model.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/models/language_model_heads.h"
#include "llmtool/models/model.h"

namespace llmtool {
namespace {

using testing::largest_difference;
using testing::model_error;
using testing::read_golden;
using testing::weight;

LoadRequest request_for(HeadKind head, bool allow_new_head = false) {
  LoadRequest request{.head = head};
  request.allow_new_head = allow_new_head;
  return request;
}

// The weights of a golden checkpoint with one more, a copy of `original` changed by `shift`.
void write_with_copy(const testing::GoldenModel& golden, const testing::TemporaryDirectory& directory,
                     const std::string& copy, const std::string& original, float shift) {
  const SafetensorsFile file(golden.directory / "model.safetensors");
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names()) tensors.push_back({name, *file.find(name)});
  const TensorView& view = *file.find(original);
  std::string bytes(view.bytes);
  reinterpret_cast<float*>(bytes.data())[0] += shift;
  tensors.push_back({copy, {view.dtype, view.shape, bytes}});
  write_safetensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  std::filesystem::copy_file(golden.directory / "config.json", directory / "config.json");
}

Json tiny_gpt2() {
  return {{"model_type", "gpt2"}, {"vocab_size", 300}, {"n_positions", 16},
          {"n_embd", 64},         {"n_layer", 2},      {"n_head", 4}};
}

TEST_CASE("A decoder stored beside the embedding it is tied to is accepted when equal and refused when not") {
  const auto golden = read_golden("bert_masked_lm");
  const auto load_with_shift = [&](float shift) {
    const testing::TemporaryDirectory directory;
    write_with_copy(golden, directory, "cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight",
                    shift);
    return load_model(directory.path(), request_for(HeadKind::kMaskedLm)).report;
  };
  const LoadReport report = load_with_shift(0.0F);
  CHECK(report.ignored == std::vector<std::string>{"cls.predictions.decoder.weight"});
  CHECK(report.unexpected.empty());
  CHECK(model_error([&] { load_with_shift(1.0F); }).find("set \"tie_word_embeddings\": false") != std::string::npos);
}

TEST_CASE("Tied weights are one parameter") {
  const auto golden = read_golden("gpt2_causal_lm");
  const auto model = load_model(golden.directory, request_for(HeadKind::kCausalLm)).model;
  CHECK(model->head<LanguageModelHead>().projection().weight.is_same(weight(*model, "transformer.wte.weight")));
  CHECK(model->trainable_parameters().size() == model->weight_rows().size());
  const auto untied = load_model(read_golden("bert_untied").directory, request_for(HeadKind::kMaskedLm)).model;
  CHECK(untied->trainable_parameters().size() == untied->weight_rows().size() - 1);
}

TEST_CASE("A checkpoint with a pretraining head classifies with a new head and gives its masked-LM head") {
  const auto golden = read_golden("bert_pretraining");
  const LoadedModel classifier = testing::load(golden.directory, 3);
  CHECK(classifier.report.created == std::vector<std::string>{"classifier.weight", "classifier.bias"});
  const LoadedModel masked = load_model(golden.directory, request_for(HeadKind::kMaskedLm));
  const ModelOutput output = masked.model->forward(golden.input);
  CHECK(largest_difference(masked.model->head<LanguageModelHead>().logits(output.last_hidden_state),
                           golden.expected.at("logits")) < 1e-5);
  CHECK(masked.report.unused == std::vector<std::string>{"bert.pooler.dense.bias", "bert.pooler.dense.weight",
                                                         "cls.seq_relationship.bias", "cls.seq_relationship.weight"});
}

TEST_CASE("A classifier's checkpoint becomes a masked language model only where a new head is allowed") {
  const auto golden = read_golden("gelu");
  CHECK(model_error([&] {
          load_model(golden.directory, request_for(HeadKind::kMaskedLm));
        }).find("'cls.predictions.bias'") != std::string::npos);
  const LoadedModel made = load_model(golden.directory, request_for(HeadKind::kMaskedLm, true));
  CHECK_FALSE(made.report.head_kept);
  CHECK(made.report.head_reason == "the checkpoint lacks 5 of its 5 weights");
  CHECK(weight(*made.model, "cls.predictions.transform.LayerNorm.weight").eq(1.0).all().item<bool>());
}

TEST_CASE("A head the family cannot have is refused before weights are read") {
  const auto golden = read_golden("gpt2_causal_lm");
  CHECK(model_error([&] {
          load_model(golden.directory, request_for(HeadKind::kMaskedLm));
        }).find("use task: causal_lm") != std::string::npos);
}

TEST_CASE("A bare body is read from a checkpoint with heads and saved without them") {
  const auto golden = read_golden("bert_pretraining");
  const LoadedModel loaded = load_model(golden.directory, {});
  CHECK(largest_difference(loaded.model->forward(golden.input).last_hidden_state,
                           golden.expected.at("last_hidden_state")) < 1e-5);
  CHECK(loaded.model->weight_rows().front().name == "embeddings.word_embeddings.weight");
  CHECK(loaded.model->architecture() == "BertModel");
  CHECK(loaded.report.summary().find("head") == loaded.report.summary().find("heads unused"));
}

TEST_CASE("New rows of a resized vocabulary are the mean of the old and score with it") {
  for (const std::string name : {"bert_masked_lm", "gpt2_odd_sizes"}) {
    CAPTURE(name);
    const auto golden = read_golden(name);
    const HeadKind head = name == "bert_masked_lm" ? HeadKind::kMaskedLm : HeadKind::kCausalLm;
    const auto model = load_model(golden.directory, request_for(head)).model;
    const at::Tensor mean = model->head<LanguageModelHead>().projection().weight.detach().mean(0);
    model->resize_token_embeddings(124);
    CHECK(model->dimensions().vocabulary_size == 124);
    const VocabularyProjection projection = model->head<LanguageModelHead>().projection();
    REQUIRE(projection.weight.size(0) == 124);
    CHECK(largest_difference(projection.weight[123], mean) < 1e-7);
    if (projection.bias.defined()) CHECK(projection.bias.narrow(0, 120, 4).eq(0.0).all().item<bool>());
    const at::Tensor logits = model->head<LanguageModelHead>().logits(model->forward(golden.input).last_hidden_state);
    CHECK(largest_difference(logits.narrow(1, 0, 120), golden.expected.at("logits")) < 1e-5);
    const testing::TemporaryDirectory directory;
    save_pretrained(*model, directory.path());
    const auto again = load_model(directory.path(), request_for(head)).model;
    CHECK(again->head<LanguageModelHead>().logits(again->forward(golden.input).last_hidden_state).equal(logits));
  }
}

TEST_CASE("A vocabulary is not resized below the padding id") {
  const auto model = load_model(read_golden("bert_masked_lm").directory, request_for(HeadKind::kMaskedLm)).model;
  CHECK(model_error([&] { model->resize_token_embeddings(0); }).find("no room for the model's padding id 0") !=
        std::string::npos);
}

TEST_CASE("A model from scratch is drawn as Hugging Face draws its family") {
  const auto model = draw_model(tiny_gpt2(), "config.json", HeadKind::kCausalLm, 5);
  const auto deviation = [&](const std::string& name) { return weight(*model, name).std().item<double>(); };
  CHECK(deviation("transformer.wte.weight") == Approx(0.02).epsilon(0.03));
  CHECK(deviation("transformer.h.1.attn.c_attn.weight") == Approx(0.02).epsilon(0.03));
  CHECK(deviation("transformer.h.1.mlp.c_proj.weight") == Approx(0.02 / std::sqrt(4.0)).epsilon(0.03));
  CHECK(weight(*model, "transformer.h.0.ln_1.weight").eq(1.0).all().item<bool>());
  CHECK(weight(*model, "transformer.h.0.attn.c_attn.bias").eq(0.0).all().item<bool>());
  const auto again = draw_model(tiny_gpt2(), "config.json", HeadKind::kCausalLm, 5);
  CHECK(weight(*again, "transformer.wte.weight").equal(weight(*model, "transformer.wte.weight")));
}

TEST_CASE("DistilBERT's sinusoidal positions are where a new table starts") {
  Json config =
      read_json_file((read_golden("distilbert_masked_lm").directory / "config.json").string(), ExitCode::kInternal);
  config["sinusoidal_pos_embds"] = true;
  const auto model = draw_model(config, "config.json", HeadKind::kMaskedLm, 5);
  const at::Tensor table = weight(*model, "distilbert.embeddings.position_embeddings.weight");
  CHECK(table.requires_grad());
  CHECK(table[3][0].item<double>() == Approx(std::sin(3.0)));
  CHECK(table[3][1].item<double>() == Approx(std::cos(3.0)));
  CHECK(table[3][4].item<double>() == Approx(std::sin(3.0 / std::pow(10000.0, 4.0 / 32.0))));
}

TEST_CASE("The biases of torch's attention start at zero") {
  const Json config = {{"model_type", "transformer_lm"},
                       {"vocab_size", 10},
                       {"max_position_embeddings", 8},
                       {"d_model", 8},
                       {"nhead", 2},
                       {"num_layers", 1}};
  const auto model = draw_model(config, "config.json", HeadKind::kCausalLm, 5);
  CHECK(weight(*model, "encoder.layers.0.self_attn.in_proj_bias").eq(0.0).all().item<bool>());
}

TEST_CASE("ALBERT's shared layers are one set of parameters") {
  const auto model = load_model(read_golden("albert_pretraining").directory, request_for(HeadKind::kPretraining)).model;
  CHECK(model->trainable_parameters().size() == model->weight_rows().size());
  CHECK(weight(*model, "albert.encoder.albert_layer_groups.1.albert_layers.0.ffn.weight").requires_grad());
}

TEST_CASE("ModernBERT's first configs mean what its present ones say") {
  const auto golden = read_golden("modernbert_masked_lm");
  Json config = read_json_file((golden.directory / "config.json").string(), ExitCode::kInternal);
  config.erase("layer_types");
  config.erase("rope_parameters");
  config.update({{"global_attn_every_n_layers", 3}, {"global_rope_theta", 160000.0}, {"local_rope_theta", 10000.0}});
  const testing::TemporaryDirectory directory;
  directory.write("config.json", to_json_text(config));
  std::filesystem::copy_file(golden.directory / "model.safetensors", directory / "model.safetensors");
  const auto model = load_model(directory.path(), request_for(HeadKind::kMaskedLm)).model;
  CHECK(largest_difference(model->forward(golden.input).last_hidden_state, golden.expected.at("last_hidden_state")) <
        1e-5);
}

TEST_CASE("A new ModernBERT classifier keeps the layer it shares with the masked-LM head") {
  const auto golden = read_golden("modernbert_masked_lm");
  const LoadedModel classifier = testing::load(golden.directory, 3);
  CHECK(classifier.report.created == std::vector<std::string>{"classifier.weight", "classifier.bias"});
  const auto masked = load_model(golden.directory, request_for(HeadKind::kMaskedLm)).model;
  CHECK(weight(*classifier.model, "head.dense.weight").equal(weight(*masked, "head.dense.weight")));
}

TEST_CASE("ModernBERT's new weights are cut off at two standard deviations") {
  const auto directory = read_golden("modernbert_masked_lm").directory;
  const Json config = read_json_file((directory / "config.json").string(), ExitCode::kInternal);
  const auto model = draw_model(config, "config.json", HeadKind::kMaskedLm, 5);
  const at::Tensor table = weight(*model, "model.embeddings.tok_embeddings.weight");
  CHECK(table.abs().max().item<double>() <= 0.04);
  CHECK(table.std().item<double>() == Approx(0.0176).epsilon(0.03));  // 0.02 times 0.8796, that of a cut normal
  const at::Tensor output = weight(*model, "model.layers.1.mlp.Wo.weight");
  CHECK(output.abs().max().item<double>() <= 0.04 / std::sqrt(6.0) + 1e-6);
}

TEST_CASE("The padding row of a new embedding is zero") {
  Json config = read_json_file((read_golden("gelu").directory / "config.json").string(), ExitCode::kInternal);
  const auto model = draw_model(config, "config.json", HeadKind::kPretraining, 5);
  const at::Tensor table = weight(*model, "bert.embeddings.word_embeddings.weight");
  CHECK(table[0].eq(0.0).all().item<bool>());
  CHECK_FALSE(table[1].eq(0.0).any().item<bool>());
}

}  // namespace
}  // namespace llmtool
