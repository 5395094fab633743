#include "llmtool/models/assembled_model.h"

#include <algorithm>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// The config has been read when the body was made; this name is only for a fault in the program.
constexpr const char* kConfigName = "config.json";

}  // namespace

AssembledModel::AssembledModel(Json config, HeadKind head_kind, std::shared_ptr<TextModel> body)
    : config_(std::move(config)),
      family_(find_family(config_, kConfigName)),
      head_kind_(head_kind),
      body_(std::move(body)) {
  register_module("body", body_);
}

ModelDimensions AssembledModel::dimensions() const { return family_.dimensions(config_, kConfigName); }

std::string AssembledModel::body_prefix() const {
  return head_kind_ == HeadKind::kNone ? "" : std::string(body_->base_prefix());
}

std::vector<WeightRow> AssembledModel::weight_rows() const {
  std::vector<WeightRow> rows = body_->weight_rows();
  for (WeightRow& row : rows) row.name.insert(0, body_prefix());
  for (WeightRow& row : head_rows()) rows.push_back(std::move(row));
  return rows;
}

std::vector<NamedParameter> AssembledModel::trainable_parameters() const {
  std::vector<NamedParameter> parameters;
  for (const WeightRow& row : weight_rows()) {
    const bool is_listed = std::any_of(parameters.begin(), parameters.end(), [&](const NamedParameter& parameter) {
      return parameter.tensor.is_same(row.tensor);
    });
    if (!is_listed) parameters.push_back({row.name, row.tensor, row.is_decayed});
  }
  return parameters;
}

void AssembledModel::resize_token_embeddings(std::int64_t new_size) {
  Embedding& embedding = *body_->word_embedding();
  if (new_size <= embedding.padding_id().value_or(0))
    throw ModelError("a vocabulary of " + std::to_string(new_size) + " ids has no room for the model's padding id " +
                     std::to_string(embedding.padding_id().value_or(0)));
  resize_rows(embedding.weight, new_size);
  resize_heads(new_size);
  config_["vocab_size"] = new_size;
}

}  // namespace llmtool
