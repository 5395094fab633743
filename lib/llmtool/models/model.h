#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/models/body.h"
#include "llmtool/models/families.h"
#include "llmtool/models/head.h"

namespace llmtool {

// A body with heads, and the config.json it was made from and is saved with: all that loading, saving, training and
// resizing need to know of a model. Without heads it gives hidden states. Dropout acts in train(), not in eval(), and
// draws from the global generator.
class Model : public torch::nn::Module {
 public:
  Model(Json config, HeadKind head_kind, std::shared_ptr<TextBody> body, std::vector<std::shared_ptr<Head>> heads);

  const Json& config() const { return config_; }
  // A fact that is saved with the model and has no part in how it computes.
  void set_config(const std::string& key, Json value) { config_[key] = std::move(value); }
  void remove_config(const std::string& key) { config_.erase(key); }
  const Family& family() const { return family_; }
  HeadKind head_kind() const { return head_kind_; }
  // Class name Hugging Face saves under `architectures`.
  std::string_view architecture() const { return family_.architecture(head_kind_); }
  ModelDimensions dimensions() const;
  // Names of its labels by id, as its config has them.
  std::vector<std::string> labels() const;

  const TextBody& body() const { return *body_; }
  // The head of a class; throws std::logic_error when the model has none.
  template <class HeadClass>
  HeadClass& head() const {
    if (HeadClass* found = find_head<HeadClass>()) return *found;
    throw std::logic_error("the model has no head of this class");
  }
  // Null when the model has none.
  template <class HeadClass>
  HeadClass* find_head() const {
    for (const std::shared_ptr<Head>& head : heads_)
      if (auto* found = dynamic_cast<HeadClass*>(head.get())) return found;
    return nullptr;
  }

  // What the heads read. Unless hidden states or attentions are asked for, the body leaves out what none of them does.
  ModelOutput forward(const ModelInput& input) const;

  // All weights under the names they have in a saved model with these heads, body first.
  std::vector<WeightRow> weight_rows() const;
  // The rows of the heads alone.
  std::vector<WeightRow> head_rows() const;
  // Names a checkpoint may hold besides those of weight_rows(), as copies of them.
  std::vector<TiedWeight> tied_weights() const;
  // The trainable leaves, each once, in the order of weight_rows(). Tensors stay valid when the module moves to another
  // device.
  std::vector<NamedParameter> trainable_parameters() const;

  // Gives the word embedding `new_size` rows, and the projection and bias of a language model's head with it; new rows
  // are the mean of the old, new biases 0. config() follows. To be called before an optimizer holds the parameters.
  // Throws ModelError when the new size would cut the padding id off.
  void resize_token_embeddings(std::int64_t new_size);
  // Of a model with one head, that scores labels: label i becomes what label order[i] was; `order` is int64
  // [num_labels]. Names are the caller's to change.
  void reorder_labels(const at::Tensor& order) { heads_.at(0)->reorder_labels(order); }
  // For a model whose head reads a sequence's last token and that does not know its padding yet: transformers needs it
  // to batch texts. config() follows. Does nothing otherwise.
  void set_missing_padding_id(std::int64_t id);

 private:
  // What stands before the names of the body's weights.
  std::string body_prefix() const;

  Json config_;
  const Family& family_;
  HeadKind head_kind_;
  std::shared_ptr<TextBody> body_;
  std::vector<std::shared_ptr<Head>> heads_;
};

// Throws ModelError naming the weights of a model loaded from `directory` that hold NaN or infinity: nothing can be
// learned from them, and what is written anew would hide where they came from.
void require_finite_weights(const Model& model, const std::filesystem::path& directory);

}  // namespace llmtool
