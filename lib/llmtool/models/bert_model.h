#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/bert_config.h"
#include "llmtool/models/model.h"
#include "llmtool/nn/encoder.h"
#include "llmtool/nn/text_embeddings.h"

namespace llmtool {

// BERT (Devlin et al., 2018) as Hugging Face's BertModel: embeddings, encoder, pooler (tanh of a linear map of the
// first token).
class BertModel : public TextModel {
 public:
  BertModel(const BertConfig& config, at::Device device);

  ModelOutput forward(const ModelInput& input) const override;
  std::shared_ptr<Head> make_head(HeadKind kind, std::int64_t num_labels, at::Device device) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::string_view base_prefix() const override { return "bert."; }
  std::vector<std::string> optional_prefixes() const override { return {"pooler."}; }
  std::vector<std::string> other_head_prefixes() const override { return {"cls.", "qa_outputs."}; }
  std::string architecture(HeadKind kind) const override;
  double initializer_range() const override { return config_.initializer_range; }
  ModelDimensions dimensions() const override;

 private:
  BertConfig config_;
  std::shared_ptr<TextEmbeddings> embeddings_;
  std::shared_ptr<Encoder> encoder_;
  std::shared_ptr<Linear> pooler_;
};

// Dropout and a linear map of the pooled state, as in BertForSequenceClassification.
class BertSequenceClassificationHead : public Head {
 public:
  BertSequenceClassificationHead(const BertConfig& config, std::int64_t num_labels, at::Device device);
  at::Tensor forward(const ModelOutput& output, const SequenceLayout& layout) const override;
  std::vector<WeightRow> weight_rows() const override;
  void reorder_labels(const at::Tensor& order) override;

 private:
  double dropout_;
  std::shared_ptr<Linear> classifier_;
};

}  // namespace llmtool
