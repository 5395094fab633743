#include "llmtool/models/assembly.h"

#include <stdexcept>

#include "llmtool/models/config_reader.h"
#include "llmtool/models/registry.h"

namespace llmtool {
namespace {

bool is_language_model(HeadKind head) {
  return head == HeadKind::kMaskedLm || head == HeadKind::kPretraining || head == HeadKind::kCausalLm;
}

}  // namespace

std::shared_ptr<SequenceClassifier> assemble_classifier(const Json& config, const std::string& file,
                                                        std::int64_t num_labels, at::Device device) {
  std::shared_ptr<TextModel> body = make_text_model(config, file, HeadKind::kSequenceClassification, device);
  std::shared_ptr<ClassificationHead> head = body->make_classification_head(num_labels, device);
  return std::make_shared<SequenceClassifier>(config, std::move(body), std::move(head));
}

std::shared_ptr<LanguageModel> assemble_language_model(const Json& config, const std::string& file, HeadKind head,
                                                       at::Device device) {
  if (!is_language_model(head)) throw std::logic_error("not a language model's head");
  const bool tied = ConfigReader(config, file).boolean("tie_word_embeddings", true);
  std::shared_ptr<TextModel> body = make_text_model(config, file, head, device);
  std::shared_ptr<LanguageModelHead> scores = body->make_language_model_head(tied, device);
  std::shared_ptr<SentencePairHead> pairs =
      head == HeadKind::kPretraining ? body->make_sentence_pair_head(device) : nullptr;
  return std::make_shared<LanguageModel>(config, head, std::move(body), std::move(scores), std::move(pairs));
}

std::shared_ptr<TextEncoder> assemble_text_encoder(const Json& config, const std::string& file, at::Device device) {
  return std::make_shared<TextEncoder>(config, make_text_model(config, file, HeadKind::kNone, device));
}

}  // namespace llmtool
