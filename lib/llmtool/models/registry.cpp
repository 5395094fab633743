#include "llmtool/models/registry.h"

#include <stdexcept>

#include "llmtool/models/bert_model.h"

namespace llmtool {
namespace {

std::shared_ptr<TextModel> make_bert(const Json& config, const std::string& file, at::Device device) {
  return std::make_shared<BertModel>(read_bert_config(config, file), device);
}

}  // namespace

const std::vector<ModelFactory>& model_factories() {
  static const std::vector<ModelFactory> table = {
      {"bert", make_bert},
  };
  return table;
}

std::shared_ptr<TextModel> make_text_model(const Json& config, const std::string& file, at::Device device) {
  const Family& family = find_family(config, file);
  for (const ModelFactory& factory : model_factories())
    if (factory.model_type == family.model_type) return factory.make(config, file, device);
  throw std::logic_error("the family " + std::string(family.model_type) + " has no factory");
}

}  // namespace llmtool
