#include "llmtool/models/registry.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

#include "llmtool/models/albert_model.h"
#include "llmtool/models/bert_model.h"
#include "llmtool/models/deberta_v2_model.h"
#include "llmtool/models/distilbert_model.h"
#include "llmtool/models/gpt2_model.h"
#include "llmtool/models/modernbert_model.h"
#include "llmtool/models/transformer_lm_model.h"

namespace llmtool {
namespace {

std::shared_ptr<TextBody> make_bert(const Json& json, const std::string& file, bool has_pooler, at::Device device) {
  return std::make_shared<BertModel>(read_bert_config(json, file), BertVariant{.has_pooler = has_pooler}, device);
}

std::shared_ptr<TextBody> make_roberta(const Json& json, const std::string& file, bool has_pooler, at::Device device) {
  const BertVariant variant{.has_pooler = has_pooler, .counts_from_padding = true};
  return std::make_shared<BertModel>(read_roberta_config(json, file), variant, device);
}

std::shared_ptr<TextBody> make_electra(const Json& json, const std::string& file, bool, at::Device device) {
  const BertConfig config = read_electra_config(json, file);
  BertVariant variant;
  if (config.embedding_size != config.hidden_size) variant.projection = "embeddings_project";
  return std::make_shared<BertModel>(config, variant, device);
}

std::shared_ptr<TextBody> make_albert(const Json& json, const std::string& file, bool has_pooler, at::Device device) {
  return std::make_shared<AlbertModel>(read_albert_config(json, file), has_pooler, device);
}

// For a family without options of its own.
template <class Body, auto read_config>
std::shared_ptr<TextBody> make_body(const Json& json, const std::string& file, bool, at::Device device) {
  return std::make_shared<Body>(read_config(json, file), device);
}

std::shared_ptr<TextBody> make_body(const Family& family, const Json& config, const std::string& file, bool has_pooler,
                                    at::Device device) {
  for (const BodyFactory& factory : body_factories())
    if (factory.model_type == family.model_type) return factory.make(config, file, has_pooler, device);
  throw std::logic_error("the family " + std::string(family.model_type) + " has no factory");
}

bool needs_pooler(const HeadOptions& options) {
  return std::visit([](const auto& chosen) { return reads_pooled(chosen); }, options);
}

}  // namespace

const std::vector<BodyFactory>& body_factories() {
  static const std::vector<BodyFactory> table = {
      {"bert", make_bert},
      {"roberta", make_roberta},
      {"xlm-roberta", make_roberta},
      {"electra", make_electra},
      {"albert", make_albert},
      {"modernbert", make_body<ModernBertModel, read_modernbert_config>},
      {"deberta-v2", make_body<DebertaV2Model, read_deberta_v2_config>},
      {"distilbert", make_body<DistilBertModel, read_distilbert_config>},
      {"gpt2", make_body<Gpt2Model, read_gpt2_config>},
      {"transformer_lm", make_body<TransformerLmModel, read_transformer_lm_config>},
  };
  return table;
}

std::shared_ptr<Model> make_model(const Json& config, const std::string& file, HeadKind head, at::Device device) {
  const Family& family = find_family(config, file);
  std::vector<HeadOptions> options;
  for (const MakeHeadOptions make : family.head(head).heads) options.push_back(make(config, file));
  // A body alone has all its parts.
  const bool has_pooler = options.empty() || std::any_of(options.begin(), options.end(), needs_pooler);
  std::shared_ptr<TextBody> body = make_body(family, config, file, has_pooler, device);
  std::vector<std::shared_ptr<Head>> heads;
  for (const HeadOptions& chosen : options)
    heads.push_back(std::visit([&](const auto& known) { return make_head(known, *body, device); }, chosen));
  return std::make_shared<Model>(config, head, std::move(body), std::move(heads));
}

}  // namespace llmtool
