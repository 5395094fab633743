#include "llmtool/models/roberta_model.h"

namespace llmtool {
namespace {

BertLikeOptions roberta_options(HeadKind head) {
  BertLikeOptions options;
  options.has_pooler = head == HeadKind::kNone;
  options.counts_from_padding = true;
  return options;
}

}  // namespace

RobertaModel::RobertaModel(const BertConfig& config, HeadKind head, at::Device device)
    : BertLikeModel(config, roberta_options(head), device) {}

std::shared_ptr<ClassificationHead> RobertaModel::make_classification_head(std::int64_t num_labels,
                                                                           at::Device device) const {
  const double dropout = config().classifier_dropout.value_or(config().hidden_dropout_prob);
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kFirstToken;
  options.hidden_size = config().hidden_size;
  options.num_labels = num_labels;
  options.input_dropout = dropout;
  options.dense = {"classifier.dense", Activation::kTanh};
  options.dropout = dropout;
  options.classifier = "classifier.out_proj";
  return std::make_shared<ClassificationHead>(options, device);
}

std::shared_ptr<LanguageModelHead> RobertaModel::make_language_model_head(bool tied, at::Device device) const {
  LanguageModelHeadOptions options;
  options.hidden_size = config().hidden_size;
  // Always gelu, whatever the encoder's activation.
  options.transform = {"lm_head.dense", "lm_head.layer_norm", Activation::kGelu, config().layer_norm_eps};
  options.decoder = "lm_head.decoder";
  options.bias = "lm_head.bias";
  options.is_tied = tied;
  return std::make_shared<LanguageModelHead>(options, word_embedding(), device);
}

}  // namespace llmtool
