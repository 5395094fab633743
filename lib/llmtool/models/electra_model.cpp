#include "llmtool/models/electra_model.h"

namespace llmtool {
namespace {

BertLikeOptions electra_options(const BertConfig& config) {
  BertLikeOptions options;
  if (config.embedding_size != config.hidden_size) options.projection = "embeddings_project";
  return options;
}

}  // namespace

ElectraModel::ElectraModel(const BertConfig& config, at::Device device)
    : BertLikeModel(config, electra_options(config), device) {}

std::shared_ptr<ClassificationHead> ElectraModel::make_classification_head(std::int64_t num_labels,
                                                                           at::Device device) const {
  const double dropout = config().classifier_dropout.value_or(config().hidden_dropout_prob);
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kFirstToken;
  options.hidden_size = config().hidden_size;
  options.num_labels = num_labels;
  options.input_dropout = dropout;
  options.dense = {"classifier.dense", Activation::kGelu};
  options.dropout = dropout;
  options.classifier = "classifier.out_proj";
  return std::make_shared<ClassificationHead>(options, device);
}

std::shared_ptr<LanguageModelHead> ElectraModel::make_language_model_head(bool tied, at::Device device) const {
  LanguageModelHeadOptions options;
  options.hidden_size = config().hidden_size;
  // Always gelu, whatever the encoder's activation.
  options.transform = {"generator_predictions.dense", "generator_predictions.LayerNorm", Activation::kGelu,
                       config().layer_norm_eps};
  options.decoder = "generator_lm_head";
  options.bias = "generator_lm_head.bias";
  options.is_tied = tied;
  return std::make_shared<LanguageModelHead>(options, word_embedding(), device);
}

std::vector<std::string> ElectraModel::head_prefixes() const {
  return {"classifier.", "generator_predictions.", "generator_lm_head.", "discriminator_predictions.", "qa_outputs."};
}

}  // namespace llmtool
