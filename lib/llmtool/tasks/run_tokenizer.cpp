#include "llmtool/tasks/run_tokenizer.h"

#include <algorithm>

#include "llmtool/core/errors.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

namespace {

// The files in a model's folder may have been exchanged since it was trained.
void require_trained_tokenizer(const std::string& model, const Tokenizer& tokenizer) {
  const auto hash = recorded_tokenizer_hash(model);
  if (hash && *hash != tokenizer.content_hash())
    throw ConfigError("the tokenizer in " + model +
                      " is not the one its model was trained with (llmtool.lock.json), so its ids would mean other "
                      "words; put the files back, or set tokenizer.allow_other: true if this is meant");
}

Tokenizer load_own_tokenizer(const RunConfig& config) {
  const std::string& model = config.model.from;
  const std::string& other = config.tokenizer.from;
  if (other.empty()) {
    Tokenizer own = Tokenizer::load(model);
    if (!config.tokenizer.allow_other) require_trained_tokenizer(model, own);
    return own;
  }
  Tokenizer tokenizer = Tokenizer::load(other);
  if (model.empty() || config.tokenizer.allow_other) return tokenizer;
  if (Tokenizer::load(model).content_hash() != tokenizer.content_hash())
    throw ConfigError("tokenizer.from: the tokenizer in " + other + " is not the one the model in " + model +
                      " was trained with, so its ids would mean other words; leave tokenizer.from out, or set "
                      "tokenizer.allow_other: true if this is meant");
  return tokenizer;
}

// Where sequences are cut from running text, it is checked when they are made.
void require_room_for_text(const RunConfig& config, const Tokenizer& tokenizer) {
  const std::int64_t most_texts = task_row(config.task).most_texts;
  if (most_texts == 0) return;
  const bool has_pairs = most_texts > 1 && config.data.text.size() > 1;
  const std::int64_t num_special = tokenizer.num_special_tokens(has_pairs);
  const std::int64_t needed = num_special + (has_pairs ? 2 : 1);
  if (*config.tokenizer.max_length < needed)
    throw ConfigError("tokenizer.max_length: " + std::to_string(*config.tokenizer.max_length) +
                      " leaves no room for text beside the " + std::to_string(num_special) + " special tokens of " +
                      (has_pairs ? "a pair" : "a text") + "; set at least " + std::to_string(needed));
}

}  // namespace

RunTokenizer load_run_tokenizer(const RunConfig& config) {
  RunTokenizer run{load_own_tokenizer(config), {}, {}};
  if (!config.tokenizer.add_tokens.empty())
    run.tokenizer = run.tokenizer.with_added_tokens(read_word_list(config.tokenizer.add_tokens), &run.added);
  return run;
}

void fit_to_model(RunConfig& config, RunTokenizer& run, const ModelDimensions& dimensions, const Json& model_config) {
  if (!config.tokenizer.max_length)
    config.tokenizer.max_length =
        std::min(run.tokenizer.model_max_length().value_or(dimensions.num_positions), dimensions.num_positions);
  // A model from scratch has been given rows for the added words as well.
  if (config.model.config) check_vocabulary_fits(run.tokenizer.id_bound(), dimensions);
  const std::string& folder = config.tokenizer.from.empty() ? config.model.from : config.tokenizer.from;
  run.limits = embedding_limits(run.tokenizer, folder, dimensions, model_config);
  // With the added words every id gets a row.
  if (run.added.num_added > 0) run.limits.num_ids = EmbeddingLimits::kNone;
  check_max_length_fits(*config.tokenizer.max_length, dimensions);
  require_room_for_text(config, run.tokenizer);
}

void log_warnings(const RunTokenizer& run, EventSink& events) {
  for (const std::string& warning : run.limits.warnings(run.tokenizer)) events.warning(warning);
}

void add_embedding_rows(Model& model, const RunTokenizer& run, EventSink& events) {
  const AddedTokenCounts& added = run.added;
  if (added.num_added + added.num_known + added.num_repeated == 0) return;
  const std::int64_t num_rows = model.body().word_embedding()->weight.size(0);
  const std::int64_t num_needed = run.tokenizer.id_bound();
  // A model may have had rows beyond the ids of its tokenizer; what they hold is no word's.
  if (added.num_added > 0) {
    model.resize_token_embeddings(std::min(num_rows, num_needed - added.num_added));
    model.resize_token_embeddings(std::max(num_rows, num_needed));
  }
  events.info("tokenizer: " + std::to_string(added.num_added) + " words added, " + std::to_string(added.num_known) +
                  " were tokens already, " + std::to_string(added.num_repeated) + " repeated; " +
                  std::to_string(std::max<std::int64_t>(num_needed - num_rows, 0)) + " rows added to the embedding",
              {{"num_added", added.num_added}, {"num_known", added.num_known}, {"num_repeated", added.num_repeated}});
}

}  // namespace llmtool
