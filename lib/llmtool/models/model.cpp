#include "llmtool/models/model.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/models/labels.h"

namespace llmtool {
namespace {

// The config has been read when the body was made; this name is only for a fault in the program.
constexpr const char* kConfigName = "config.json";

// The stored name of the word embedding.
std::string embedding_name(const std::vector<WeightRow>& rows, const at::Tensor& weight) {
  for (const WeightRow& row : rows)
    if (row.tensor.is_same(weight)) return row.name;
  throw std::logic_error("the word embedding is not among the body's weights");
}

}  // namespace

Model::Model(Json config, HeadKind head_kind, std::shared_ptr<TextBody> body, std::vector<std::shared_ptr<Head>> heads)
    : config_(std::move(config)),
      family_(find_family(config_, kConfigName)),
      head_kind_(head_kind),
      body_(std::move(body)),
      heads_(std::move(heads)) {
  register_module("body", body_);
  for (std::size_t index = 0; index < heads_.size(); ++index)
    register_module("head_" + std::to_string(index), heads_[index]);
}

ModelDimensions Model::dimensions() const { return family_.dimensions(config_, kConfigName); }

std::vector<std::string> Model::labels() const { return read_labels(config_, kConfigName); }

std::string Model::body_prefix() const { return heads_.empty() ? "" : std::string(family_.base_prefix); }

ModelOutput Model::forward(const ModelInput& input) const {
  const bool takes_first_tokens =
      !heads_.empty() && !input.return_hidden_states && !input.return_attentions &&
      std::all_of(heads_.begin(), heads_.end(), [](const auto& head) { return head->reads_first_tokens_only(); });
  return body_->forward(input, takes_first_tokens ? NeededTokens::kFirst : NeededTokens::kAll);
}

std::vector<WeightRow> Model::weight_rows() const {
  std::vector<WeightRow> rows = body_->weight_rows();
  for (WeightRow& row : rows) row.name.insert(0, body_prefix());
  for (WeightRow& row : head_rows()) rows.push_back(std::move(row));
  return rows;
}

std::vector<WeightRow> Model::head_rows() const {
  std::vector<WeightRow> rows;
  for (const std::shared_ptr<Head>& head : heads_)
    for (WeightRow& row : head->weight_rows()) rows.push_back(std::move(row));
  return rows;
}

std::vector<TiedWeight> Model::tied_weights() const {
  const std::string embedding = embedding_name(weight_rows(), body_->word_embedding()->weight);
  std::vector<TiedWeight> ties;
  for (const std::shared_ptr<Head>& head : heads_)
    for (TiedWeight& tie : head->tied_weights(embedding)) ties.push_back(std::move(tie));
  return ties;
}

std::vector<NamedParameter> Model::trainable_parameters() const {
  std::vector<NamedParameter> parameters;
  for (const WeightRow& row : weight_rows()) {
    const bool is_listed = std::any_of(parameters.begin(), parameters.end(), [&](const NamedParameter& parameter) {
      return parameter.tensor.is_same(row.tensor);
    });
    if (!is_listed) parameters.push_back({row.name, row.tensor, row.is_decayed()});
  }
  return parameters;
}

void Model::resize_token_embeddings(std::int64_t new_size) {
  Embedding& embedding = *body_->word_embedding();
  if (new_size <= embedding.padding_id().value_or(0))
    throw ModelError("a vocabulary of " + std::to_string(new_size) + " ids has no room for the model's padding id " +
                     std::to_string(embedding.padding_id().value_or(0)));
  resize_rows(embedding.weight, new_size);
  for (const std::shared_ptr<Head>& head : heads_) head->resize_vocabulary(new_size);
  config_["vocab_size"] = new_size;
}

void Model::set_missing_padding_id(std::int64_t id) {
  for (const std::shared_ptr<Head>& head : heads_)
    if (head->set_missing_padding_id(id)) config_["pad_token_id"] = id;
}

namespace {

constexpr std::size_t kMostWeightsNamed = 10;

// The smallest and the largest number tell, without memory for an answer about each.
bool is_finite(const at::Tensor& weight) {
  if (weight.numel() == 0) return true;
  const auto [smallest, largest] = at::aminmax(weight.detach());
  return std::isfinite(smallest.item<double>()) && std::isfinite(largest.item<double>());
}

}  // namespace

void require_finite_weights(const Model& model, const std::filesystem::path& directory) {
  std::vector<std::string> damaged;
  for (const WeightRow& row : model.weight_rows())
    if (!is_finite(row.tensor)) damaged.push_back(row.name);
  if (damaged.empty()) return;
  const auto shown = [](const std::string& name) { return quote(name); };
  throw ModelError("the weights in " + quote(directory.string()) + " hold NaN or infinity, in " +
                   listed(damaged, shown, kMostWeightsNamed) + "; take another copy or checkpoint of the model");
}

}  // namespace llmtool
