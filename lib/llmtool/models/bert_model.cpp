#include "llmtool/models/bert_model.h"

namespace llmtool {
namespace {

BertLikeOptions bert_options(HeadKind head) {
  BertLikeOptions options;
  options.has_pooler = head != HeadKind::kMaskedLm;
  return options;
}

}  // namespace

BertModel::BertModel(const BertConfig& config, HeadKind head, at::Device device)
    : BertLikeModel(config, bert_options(head), device) {}

std::shared_ptr<ClassificationHead> BertModel::make_classification_head(std::int64_t num_labels,
                                                                        at::Device device) const {
  ClassificationHeadOptions options;
  options.hidden_size = config().hidden_size;
  options.num_labels = num_labels;
  options.dropout = config().classifier_dropout.value_or(config().hidden_dropout_prob);
  return std::make_shared<ClassificationHead>(options, device);
}

std::shared_ptr<LanguageModelHead> BertModel::make_language_model_head(bool tied, at::Device device) const {
  LanguageModelHeadOptions options;
  options.hidden_size = config().hidden_size;
  options.transform = {"cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", config().hidden_act,
                       config().layer_norm_eps};
  options.decoder = "cls.predictions.decoder";
  options.bias = "cls.predictions.bias";
  options.is_tied = tied;
  return std::make_shared<LanguageModelHead>(options, word_embedding(), device);
}

std::shared_ptr<SentencePairHead> BertModel::make_sentence_pair_head(at::Device device) const {
  return std::make_shared<SentencePairHead>("cls.seq_relationship", config().hidden_size, 0.0, device);
}

std::vector<std::string> BertModel::head_prefixes() const {
  return {"classifier.", "cls.predictions.", "cls.seq_relationship.", "qa_outputs."};
}

}  // namespace llmtool
