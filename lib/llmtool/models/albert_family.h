#pragma once

#include <cstdint>
#include <string>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/bert_family.h"
#include "llmtool/models/families.h"

namespace llmtool {

// What an ALBERT model is built from, under the names of Hugging Face's AlbertConfig; `classifier_dropout` is its
// classifier_dropout_prob.
struct AlbertConfig : BertConfig {
  std::int64_t num_hidden_groups = 1;  // consecutive layers that share their weights
  std::int64_t inner_group_num = 1;    // layers of a group
};

// Reads and checks a config.json; `file` is for messages. Throws ModelError as read_bert_config does, and when there
// are more groups than layers.
AlbertConfig read_albert_config(const Json& config, const std::string& file);

Family albert_family();

}  // namespace llmtool
