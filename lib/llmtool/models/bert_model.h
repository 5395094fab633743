#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/bert_family.h"
#include "llmtool/models/body.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/encoder.h"

namespace llmtool {

// Where the bodies that Hugging Face derives from BERT differ from each other.
struct BertVariant {
  bool has_pooler = false;  // tanh of a linear map of the first token
  std::string pooler = "pooler.dense";
  bool counts_from_padding = false;            // RoBERTa's positions, see TextEmbeddingsOptions
  std::string projection = {};                 // name of the linear map from embeddings to hidden states; "": none
  std::vector<std::int64_t> layer_order = {};  // of ALBERT's shared layers, see EncoderOptions
  bool drops_output = true;                    // dropout before a layer's second residual sum
};

// BERT (Devlin et al., 2018) as Hugging Face's BertModel: embeddings, encoder, pooler. With other options RoBERTa (Liu
// et al., 2019), XLM-RoBERTa and ELECTRA (Clark et al., 2020).
class BertModel : public TextBody {
 public:
  BertModel(const BertConfig& config, const BertVariant& variant, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::vector<std::string> optional_prefixes() const override { return {"pooler."}; }
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 protected:
  // Rows of the layer that stands at `index` among those with weights of their own.
  virtual void append_layer_rows(std::vector<WeightRow>& rows, std::size_t index, const EncoderLayer& layer) const;

 private:
  BertConfig config_;
  BertVariant variant_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Linear> projection_;  // null without one
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Linear> pooler_;  // null without one
};

}  // namespace llmtool
