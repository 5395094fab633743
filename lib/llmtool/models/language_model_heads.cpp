#include "llmtool/models/language_model_heads.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "llmtool/nn/layers.h"

namespace llmtool {

LanguageModelHead::LanguageModelHead(const LanguageModelHeadOptions& options, const TextBody& body, at::Device device)
    : options_(options), word_embedding_(body.word_embedding()) {
  const std::int64_t vocabulary_size = word_embedding_->weight.size(0);
  const std::int64_t embedding_size = word_embedding_->weight.size(1);
  const auto numbers = at::TensorOptions().dtype(at::kFloat).device(device);
  if (options.transform) {
    const LanguageModelTransform& transform = *options.transform;
    dense_ = register_module(
        "dense", std::make_shared<Linear>(options.hidden_size, embedding_size, device, transform.has_dense_bias));
    norm_ = register_module("norm", std::make_shared<LayerNorm>(embedding_size, transform.layer_norm_epsilon, device,
                                                                transform.has_norm_bias));
  }
  if (!options.is_tied)
    own_weight_ = register_parameter("weight", at::empty({vocabulary_size, embedding_size}, numbers));
  if (!options.bias.empty()) bias_ = register_parameter("bias", at::empty({vocabulary_size}, numbers));
}

at::Tensor LanguageModelHead::features(const at::Tensor& hidden) const {
  if (!dense_) return hidden.to(projection().weight.scalar_type());
  return norm_->forward(activate(dense_->forward(hidden), options_.transform->activation));
}

VocabularyProjection LanguageModelHead::projection() const {
  return {options_.is_tied ? word_embedding_->weight : own_weight_, bias_};
}

at::Tensor LanguageModelHead::logits(const at::Tensor& hidden) const {
  const VocabularyProjection last = projection();
  return at::linear(features(hidden), last.weight, last.bias);
}

bool LanguageModelHead::bias_has_two_names() const {
  return bias_.defined() && options_.bias != options_.decoder + ".bias";
}

std::vector<WeightRow> LanguageModelHead::weight_rows() const {
  std::vector<WeightRow> rows;
  if (bias_.defined()) rows.push_back({options_.bias, bias_, WeightStart::kZeros});
  if (dense_) {
    const std::size_t weight = rows.size();
    append_linear_rows(rows, options_.transform->dense, dense_->weight, dense_->bias);
    rows[weight].initial_scale = options_.transform->initial_scale;
  }
  if (norm_) append_norm_rows(rows, options_.transform->norm, norm_->weight, norm_->bias);
  if (own_weight_.defined()) append_own_rows(rows);
  for (WeightRow& row : rows) row.initial_cutoff = options_.initial_cutoff;
  return rows;
}

void LanguageModelHead::append_own_rows(std::vector<WeightRow>& rows) const {
  rows.push_back({options_.decoder + ".weight", own_weight_});
  rows.back().initial_scale = options_.decoder_scale;
  // Hugging Face's untied heads hold both biases and use that of the decoder; read last, it is the one that stays.
  if (bias_has_two_names()) rows.push_back({options_.decoder + ".bias", bias_, WeightStart::kZeros});
}

std::vector<TiedWeight> LanguageModelHead::tied_weights(const std::string& embedding) const {
  if (!options_.is_tied) return {};
  std::vector<TiedWeight> ties{{options_.decoder + ".weight", embedding}};
  if (bias_has_two_names()) ties.push_back({options_.decoder + ".bias", options_.bias});
  return ties;
}

void LanguageModelHead::resize_vocabulary(std::int64_t new_size) {
  if (own_weight_.defined()) resize_rows(own_weight_, new_size);
  if (!bias_.defined()) return;
  const at::NoGradGuard no_grad;
  at::Tensor resized = at::zeros({new_size}, bias_.detach().options());
  const std::int64_t kept = std::min(new_size, bias_.size(0));
  resized.narrow(0, 0, kept).copy_(bias_.narrow(0, 0, kept));
  bias_.set_data(resized);
}

std::shared_ptr<Head> make_head(const LanguageModelHeadOptions& options, const TextBody& body, at::Device device) {
  return std::make_shared<LanguageModelHead>(options, body, device);
}

SentencePairHead::SentencePairHead(const SentencePairHeadOptions& options, at::Device device) : options_(options) {
  classifier_ = register_module("classifier", std::make_shared<Linear>(options.hidden_size, 2, device));
}

at::Tensor SentencePairHead::forward(const at::Tensor& pooled) const {
  return classifier_->forward(at::dropout(pooled, options_.dropout, is_training()));
}

std::vector<WeightRow> SentencePairHead::weight_rows() const {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, options_.name, classifier_->weight, classifier_->bias);
  return rows;
}

std::shared_ptr<Head> make_head(const SentencePairHeadOptions& options, const TextBody& /*body*/, at::Device device) {
  return std::make_shared<SentencePairHead>(options, device);
}

}  // namespace llmtool
