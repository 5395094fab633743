#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/albert_family.h"
#include "llmtool/models/bert_model.h"

namespace llmtool {

// ALBERT (Lan et al., 2020) as Hugging Face's AlbertModel: small embeddings, layers that share their weights.
class AlbertModel : public BertModel {
 public:
  AlbertModel(const AlbertConfig& config, bool has_pooler, at::Device device);

 protected:
  void append_layer_rows(std::vector<WeightRow>& rows, std::size_t index, const EncoderLayer& layer) const override;

 private:
  std::size_t inner_group_num_;
};

}  // namespace llmtool
