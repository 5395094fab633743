#include "llmtool/models/families.h"

#include <algorithm>

#include "llmtool/core/listed.h"
#include "llmtool/models/albert_config.h"
#include "llmtool/models/bert_config.h"
#include "llmtool/models/config_reader.h"
#include "llmtool/models/deberta_v2_config.h"
#include "llmtool/models/distilbert_config.h"
#include "llmtool/models/gpt2_config.h"
#include "llmtool/models/modernbert_config.h"
#include "llmtool/models/transformer_lm_config.h"

namespace llmtool {
namespace {

ModelDimensions bert_dimensions(const Json& json, const std::string& file) {
  const BertConfig config = read_bert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

ModelDimensions roberta_dimensions(const Json& json, const std::string& file) {
  const BertConfig config = read_roberta_config(json, file);
  return {config.vocab_size, config.max_position_embeddings - *config.pad_token_id - 1, config.type_vocab_size,
          config.hidden_size};
}

ModelDimensions electra_dimensions(const Json& json, const std::string& file) {
  const BertConfig config = read_electra_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

ModelDimensions albert_dimensions(const Json& json, const std::string& file) {
  const AlbertConfig config = read_albert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

ModelDimensions modernbert_dimensions(const Json& json, const std::string& file) {
  const ModernBertConfig config = read_modernbert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, 0, config.hidden_size};
}

ModelDimensions deberta_v2_dimensions(const Json& json, const std::string& file) {
  const DebertaV2Config config = read_deberta_v2_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

ModelDimensions distilbert_dimensions(const Json& json, const std::string& file) {
  const DistilBertConfig config = read_distilbert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, 0, config.dim};
}

ModelDimensions transformer_lm_dimensions(const Json& json, const std::string& file) {
  const TransformerLmConfig config = read_transformer_lm_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, 0, config.d_model};
}

ModelDimensions gpt2_dimensions(const Json& json, const std::string& file) {
  const Gpt2Config config = read_gpt2_config(json, file);
  return {config.vocab_size, config.n_positions, 0, config.n_embd};
}

// What to use instead of a head the family cannot have.
std::string advice(const Family& family, HeadKind kind) {
  if (family.is_causal && (kind == HeadKind::kMaskedLm || kind == HeadKind::kPretraining))
    return " is a causal language model and has no masked-LM head; use task: causal_lm";
  if (!family.is_causal && kind == HeadKind::kCausalLm)
    return " sees the text on both sides of a token and has no causal-LM head; use task: masked_lm";
  return " has no head for " + std::string(enum_name(kind)) +
         "; it has: " + listed(family.heads, [](const FamilyHead& head) { return enum_name(head.kind); });
}

}  // namespace

bool Family::has_head(HeadKind kind) const {
  return std::any_of(heads.begin(), heads.end(), [&](const FamilyHead& head) { return head.kind == kind; });
}

std::string_view Family::architecture(HeadKind kind) const {
  for (const FamilyHead& head : heads)
    if (head.kind == kind) return head.architecture;
  throw ModelError(std::string(model_type) + advice(*this, kind));
}

const std::vector<Family>& families() {
  using enum HeadKind;
  static const std::vector<Family> table = {
      {"bert",
       false,
       {{kNone, "BertModel"},
        {kSequenceClassification, "BertForSequenceClassification"},
        {kMaskedLm, "BertForMaskedLM"},
        {kPretraining, "BertForPreTraining"}},
       bert_dimensions,
       override_bert_dropout},
      {"roberta",
       false,
       {{kNone, "RobertaModel"},
        {kSequenceClassification, "RobertaForSequenceClassification"},
        {kMaskedLm, "RobertaForMaskedLM"}},
       roberta_dimensions,
       override_bert_dropout},
      {"xlm-roberta",
       false,
       {{kNone, "XLMRobertaModel"},
        {kSequenceClassification, "XLMRobertaForSequenceClassification"},
        {kMaskedLm, "XLMRobertaForMaskedLM"}},
       roberta_dimensions,
       override_bert_dropout},
      {"electra",
       false,
       {{kNone, "ElectraModel"},
        {kSequenceClassification, "ElectraForSequenceClassification"},
        {kMaskedLm, "ElectraForMaskedLM"}},
       electra_dimensions,
       override_bert_dropout},
      {"albert",
       false,
       {{kNone, "AlbertModel"},
        {kSequenceClassification, "AlbertForSequenceClassification"},
        {kMaskedLm, "AlbertForMaskedLM"},
        {kPretraining, "AlbertForPreTraining"}},
       albert_dimensions,
       override_albert_dropout},
      {"modernbert",
       false,
       {{kNone, "ModernBertModel"},
        {kSequenceClassification, "ModernBertForSequenceClassification"},
        {kMaskedLm, "ModernBertForMaskedLM"}},
       modernbert_dimensions,
       override_modernbert_dropout},
      {"deberta-v2",
       false,
       {{kNone, "DebertaV2Model"},
        {kSequenceClassification, "DebertaV2ForSequenceClassification"},
        {kMaskedLm, "DebertaV2ForMaskedLM"}},
       deberta_v2_dimensions,
       override_deberta_v2_dropout},
      {"distilbert",
       false,
       {{kNone, "DistilBertModel"},
        {kSequenceClassification, "DistilBertForSequenceClassification"},
        {kMaskedLm, "DistilBertForMaskedLM"}},
       distilbert_dimensions,
       override_distilbert_dropout},
      {"gpt2",
       true,
       {{kNone, "GPT2Model"},
        {kSequenceClassification, "GPT2ForSequenceClassification"},
        {kCausalLm, "GPT2LMHeadModel"}},
       gpt2_dimensions,
       override_gpt2_dropout},
      // Not a family of Hugging Face's; its class names are made up in its style.
      {"transformer_lm",
       true,
       {{kNone, "TransformerLmModel"},
        {kSequenceClassification, "TransformerLmForSequenceClassification"},
        {kCausalLm, "TransformerLmForCausalLM"}},
       transformer_lm_dimensions,
       override_transformer_lm_dropout},
  };
  return table;
}

const Family& find_family(const Json& config, const std::string& file) {
  const ConfigReader reader(config, file);
  const std::string model_type = reader.text("model_type");
  for (const Family& family : families())
    if (family.model_type == model_type) return family;
  reader.fail("model_type", "is " + quote(model_type) +
                                ", which is not supported; supported are: " + listed(families(), &Family::model_type));
}

HeadKind stored_head_kind(const Json& config, const std::string& file) {
  const Family& family = find_family(config, file);
  const Json architectures = config.value("architectures", Json::array());
  if (!architectures.is_array() || architectures.empty()) return HeadKind::kNone;
  for (const FamilyHead& head : family.heads)
    if (architectures.front() == head.architecture) return head.kind;
  return HeadKind::kNone;
}

void check_vocabulary_fits(std::int64_t tokenizer_size, const ModelDimensions& dimensions) {
  if (tokenizer_size <= dimensions.vocabulary_size) return;
  throw ModelError("the tokenizer has " + std::to_string(tokenizer_size) + " ids, but the model's word embedding has " +
                   std::to_string(dimensions.vocabulary_size) +
                   " rows; use the tokenizer that belongs to the model's weights");
}

void check_max_length_fits(std::int64_t max_length, const ModelDimensions& dimensions) {
  if (max_length <= dimensions.num_positions) return;
  throw ModelError("texts of up to " + std::to_string(max_length) + " tokens are asked for, but the model knows only " +
                   std::to_string(dimensions.num_positions) +
                   " positions; set tokenizer.max_length (--max-length) to at most " +
                   std::to_string(dimensions.num_positions));
}

}  // namespace llmtool
