#include "llmtool/models/families.h"

#include <algorithm>

#include "llmtool/core/text.h"
#include "llmtool/models/albert_family.h"
#include "llmtool/models/bert_family.h"
#include "llmtool/models/config_reader.h"
#include "llmtool/models/deberta_v2_family.h"
#include "llmtool/models/distilbert_family.h"
#include "llmtool/models/gpt2_family.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/modernbert_family.h"
#include "llmtool/models/transformer_lm_family.h"

namespace llmtool {
namespace {

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

TokenHeadOptions answer_head(std::int64_t hidden_size) {
  TokenHeadOptions options;
  options.hidden_size = hidden_size;
  options.num_outputs = 2;
  options.classifier = "qa_outputs";
  return options;
}

const FamilyHead* Family::find_head(HeadKind kind) const {
  const auto found =
      std::find_if(heads.begin(), heads.end(), [&](const FamilyHead& head) { return head.kind == kind; });
  return found == heads.end() ? nullptr : &*found;
}

const FamilyHead& Family::head(HeadKind kind) const {
  if (const FamilyHead* found = find_head(kind)) return *found;
  throw ModelError(std::string(model_type) + advice(*this, kind));
}

const std::vector<Family>& families() {
  static const std::vector<Family> table = {
      bert_family(),       roberta_family(),    xlm_roberta_family(), electra_family(), albert_family(),
      modernbert_family(), deberta_v2_family(), distilbert_family(),  gpt2_family(),    transformer_lm_family(),
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

bool names_unknown_head(const Json& config, const std::string& file) {
  if (stored_head_kind(config, file) != HeadKind::kNone) return false;
  const Json architectures = config.value("architectures", Json::array());
  return architectures.is_array() && !architectures.empty() &&
         architectures.front() != find_family(config, file).architecture(HeadKind::kNone);
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

namespace {

constexpr std::size_t kMostShown = 6;

std::string shown(const std::vector<std::string>& labels) { return listed(labels, quote, kMostShown); }

// Why the stored head is not the one wanted; "" when it is.
std::string obstacle(const StoredHead& stored, const std::vector<std::string>& labels) {
  if (!stored.architecture.empty() && stored.architecture != stored.wanted_architecture)
    return "the checkpoint is a " + stored.architecture + ", not a " + stored.wanted_architecture;
  if (!stored.has_weights) return "the checkpoint has no classifier";
  if (!labels.empty() && !same_labels(stored.labels, labels))
    return "its labels (" + shown(stored.labels) + ") are not those of the data (" + shown(labels) + ")";
  return "";
}

}  // namespace

HeadChoice choose_head(const StoredHead& stored, const std::vector<std::string>& labels, bool ordered,
                       HeadPolicy policy, const std::string& model_name) {
  const std::string problem = obstacle(stored, labels);
  if (labels.empty() && !problem.empty())
    throw ModelError(quote(model_name) + " cannot classify: " + problem + "; fine-tune it first with llmtool finetune");
  if (policy == HeadPolicy::kKeep && !problem.empty())
    throw ModelError(quote(model_name) + ": model.head is 'keep', but " + problem +
                     "; set model.head to 'auto' or 'new' to make a new classifier");
  if (!labels.empty() && policy == HeadPolicy::kNew) return {false, "model.head is 'new'", labels};
  if (!problem.empty()) return {false, problem, labels};
  if (labels.empty()) return {true, "as stored", stored.labels};
  return {true, "its labels are those of the data", ordered ? labels : stored.labels};
}

}  // namespace llmtool
