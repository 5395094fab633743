#include "llmtool/commands/run_tokenizer.h"

#include <algorithm>

#include "llmtool/core/errors.h"

namespace llmtool {

Tokenizer load_run_tokenizer(const RunConfig& config) {
  const std::string& model = config.model.from;
  const std::string& other = config.tokenizer.from;
  if (other.empty()) return Tokenizer::load(model);
  Tokenizer tokenizer = Tokenizer::load(other);
  if (model.empty() || config.tokenizer.allow_other) return tokenizer;
  if (Tokenizer::load(model).content_hash() != tokenizer.content_hash())
    throw ConfigError("tokenizer.from: the tokenizer in " + other + " is not the one the model in " + model +
                      " was trained with, so its ids would mean other words; leave tokenizer.from out, or set "
                      "tokenizer.allow_other: true if this is meant");
  return tokenizer;
}

void fit_to_model(RunConfig& config, const Tokenizer& tokenizer, const ModelDimensions& dimensions) {
  if (!config.tokenizer.max_length)
    config.tokenizer.max_length =
        std::min(tokenizer.model_max_length().value_or(dimensions.num_positions), dimensions.num_positions);
  check_vocabulary_fits(tokenizer.id_bound(), dimensions);
  check_max_length_fits(*config.tokenizer.max_length, dimensions);
}

}  // namespace llmtool
