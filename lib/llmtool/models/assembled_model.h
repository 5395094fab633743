#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model.h"

namespace llmtool {

// A body with what is put on it, and the config.json it was made from and is saved with: all that loading, saving,
// training and resizing need to know of a model.
class AssembledModel : public torch::nn::Module {
 public:
  const Json& config() const { return config_; }
  const TextModel& body() const { return *body_; }
  const Family& family() const { return family_; }
  HeadKind head_kind() const { return head_kind_; }
  // Class name Hugging Face saves under `architectures`.
  std::string_view architecture() const { return family_.architecture(head_kind_); }
  ModelDimensions dimensions() const;

  // All weights under the names they have in a saved model with this head, body first.
  std::vector<WeightRow> weight_rows() const;
  // The rows of the heads alone.
  virtual std::vector<WeightRow> head_rows() const = 0;
  // Names a checkpoint may hold besides those of weight_rows(), as copies of them.
  virtual std::vector<TiedWeight> tied_weights() const { return {}; }
  // The trainable leaves, each once, in the order of weight_rows(). Tensors stay valid when the module moves to another
  // device.
  std::vector<NamedParameter> trainable_parameters() const;

  // Gives the word embedding `new_size` rows, and the projection and bias of a language model's head with it; new rows
  // are the mean of the old, new biases 0. config() follows. To be called before an optimizer holds the parameters.
  // Throws ModelError when the new size would cut the padding id off.
  void resize_token_embeddings(std::int64_t new_size);

 protected:
  AssembledModel(Json config, HeadKind head_kind, std::shared_ptr<TextModel> body);
  void set_config(const char* key, Json value) { config_[key] = std::move(value); }
  // Called after the word embedding has its new size.
  virtual void resize_heads(std::int64_t) {}
  // What stands before the names of the body's weights.
  std::string body_prefix() const;

 private:
  Json config_;
  const Family& family_;
  HeadKind head_kind_;
  std::shared_ptr<TextModel> body_;
};

}  // namespace llmtool
