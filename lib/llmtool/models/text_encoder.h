#pragma once

#include <memory>
#include <vector>

#include "llmtool/models/assembled_model.h"

namespace llmtool {

// A body alone (BertModel, GPT2Model): hidden states, and the pooled state where the family has a pooler.
class TextEncoder : public AssembledModel {
 public:
  TextEncoder(Json config, std::shared_ptr<TextModel> body);

  ModelOutput forward(const ModelInput& input) const { return body().forward(input); }
  std::vector<WeightRow> head_rows() const override { return {}; }
};

}  // namespace llmtool
