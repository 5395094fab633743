#include "llmtool/models/albert_config.h"

#include "llmtool/models/config_reader.h"

namespace llmtool {

AlbertConfig read_albert_config(const Json& json, const std::string& file) {
  BertDefaults defaults;
  defaults.hidden_act = "gelu_new";
  defaults.dropout = 0.0;
  defaults.embedding_size = 128;
  AlbertConfig config{read_bert_like_config(json, file, defaults)};
  const ConfigReader reader(json, file);
  config.classifier_dropout = reader.number("classifier_dropout_prob", kRateRange, 0.1);
  config.num_hidden_groups = reader.integer("num_hidden_groups", kLayerRange, config.num_hidden_groups);
  config.inner_group_num = reader.integer("inner_group_num", kLayerRange, config.inner_group_num);
  if (config.num_hidden_groups > config.num_hidden_layers)
    reader.fail("num_hidden_groups", "(" + std::to_string(config.num_hidden_groups) +
                                         ") is larger than 'num_hidden_layers' (" +
                                         std::to_string(config.num_hidden_layers) + ")");
  return config;
}

void override_albert_dropout(Json& config, const DropoutOverrides& overrides) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout_prob"] = *overrides.classifier;
}

}  // namespace llmtool
