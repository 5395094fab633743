#include "llmtool/models/families.h"

#include "llmtool/models/bert_config.h"
#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

ModelDimensions bert_dimensions(const Json& json, const std::string& file) {
  const BertConfig config = read_bert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size};
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> table = {
      {"bert", bert_dimensions, override_bert_dropout},
  };
  return table;
}

const Family& find_family(const Json& config, const std::string& file) {
  const ConfigReader reader(config, file);
  const std::string model_type = reader.text("model_type");
  std::string known;
  for (const Family& family : families()) {
    if (family.model_type == model_type) return family;
    known += (known.empty() ? "" : ", ") + std::string(family.model_type);
  }
  reader.fail("model_type", "is " + quote(model_type) + ", which is not supported; supported are: " + known);
}

void check_vocabulary_fits(std::int64_t tokenizer_size, const ModelDimensions& dimensions) {
  if (tokenizer_size <= dimensions.vocabulary_size) return;
  throw ModelError("the tokenizer has " + std::to_string(tokenizer_size) + " ids, but the model's word embedding has " +
                   std::to_string(dimensions.vocabulary_size) +
                   " rows; use the tokenizer that belongs to the model's weights");
}

void check_max_length_fits(std::int64_t max_length, const ModelDimensions& dimensions) {
  if (max_length <= dimensions.num_positions) return;
  throw ModelError("texts of up to " + std::to_string(max_length) + " tokens are asked for, but the model knows only " +
                   std::to_string(dimensions.num_positions) +
                   " positions; set tokenizer.max_length (--max-length) to at most " +
                   std::to_string(dimensions.num_positions));
}

}  // namespace llmtool
