#include "llmtool/models/model.h"

#include <stdexcept>

namespace llmtool {

std::shared_ptr<ClassificationHead> TextModel::make_classification_head(std::int64_t, at::Device) const {
  throw std::logic_error("the family has no classification head");
}

std::shared_ptr<LanguageModelHead> TextModel::make_language_model_head(bool, at::Device) const {
  throw std::logic_error("the family has no language-model head");
}

std::shared_ptr<SentencePairHead> TextModel::make_sentence_pair_head(at::Device) const {
  throw std::logic_error("the family has no sentence-pair head");
}

}  // namespace llmtool
