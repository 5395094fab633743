#include "llmtool/models/registry.h"

#include <stdexcept>

#include "llmtool/models/albert_model.h"
#include "llmtool/models/bert_model.h"
#include "llmtool/models/deberta_v2_model.h"
#include "llmtool/models/distilbert_model.h"
#include "llmtool/models/electra_model.h"
#include "llmtool/models/families.h"
#include "llmtool/models/gpt2_model.h"
#include "llmtool/models/modernbert_model.h"
#include "llmtool/models/roberta_model.h"
#include "llmtool/models/transformer_lm_model.h"

namespace llmtool {
namespace {

std::shared_ptr<TextModel> make_bert(const Json& config, const std::string& file, HeadKind head, at::Device device) {
  return std::make_shared<BertModel>(read_bert_config(config, file), head, device);
}

std::shared_ptr<TextModel> make_roberta(const Json& config, const std::string& file, HeadKind head, at::Device device) {
  return std::make_shared<RobertaModel>(read_roberta_config(config, file), head, device);
}

std::shared_ptr<TextModel> make_electra(const Json& config, const std::string& file, HeadKind, at::Device device) {
  return std::make_shared<ElectraModel>(read_electra_config(config, file), device);
}

std::shared_ptr<TextModel> make_albert(const Json& config, const std::string& file, HeadKind head, at::Device device) {
  return std::make_shared<AlbertModel>(read_albert_config(config, file), head, device);
}

std::shared_ptr<TextModel> make_modernbert(const Json& config, const std::string& file, HeadKind, at::Device device) {
  return std::make_shared<ModernBertModel>(read_modernbert_config(config, file), device);
}

std::shared_ptr<TextModel> make_deberta_v2(const Json& config, const std::string& file, HeadKind, at::Device device) {
  return std::make_shared<DebertaV2Model>(read_deberta_v2_config(config, file), device);
}

std::shared_ptr<TextModel> make_distilbert(const Json& config, const std::string& file, HeadKind, at::Device device) {
  return std::make_shared<DistilBertModel>(read_distilbert_config(config, file), device);
}

std::shared_ptr<TextModel> make_transformer_lm(const Json& config, const std::string& file, HeadKind,
                                               at::Device device) {
  return std::make_shared<TransformerLmModel>(read_transformer_lm_config(config, file), device);
}

std::shared_ptr<TextModel> make_gpt2(const Json& config, const std::string& file, HeadKind, at::Device device) {
  return std::make_shared<Gpt2Model>(read_gpt2_config(config, file), device);
}

}  // namespace

const std::vector<ModelFactory>& model_factories() {
  static const std::vector<ModelFactory> table = {
      {"bert", make_bert},
      {"roberta", make_roberta},
      {"xlm-roberta", make_roberta},
      {"electra", make_electra},
      {"albert", make_albert},
      {"modernbert", make_modernbert},
      {"deberta-v2", make_deberta_v2},
      {"distilbert", make_distilbert},
      {"gpt2", make_gpt2},
      {"transformer_lm", make_transformer_lm},
  };
  return table;
}

std::shared_ptr<TextModel> make_text_model(const Json& config, const std::string& file, HeadKind head,
                                           at::Device device) {
  const Family& family = find_family(config, file);
  family.architecture(head);  // throws for a head the family lacks
  for (const ModelFactory& factory : model_factories())
    if (factory.model_type == family.model_type) return factory.make(config, file, head, device);
  throw std::logic_error("the family " + std::string(family.model_type) + " has no factory");
}

}  // namespace llmtool
