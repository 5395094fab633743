#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/data/corpus.h"
#include "llmtool/data/masking.h"
#include "llmtool/data/sequences.h"
#include "llmtool/tasks/language_modeling/objective.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Running text, cut into sequences.
struct LanguageModelExamples : Examples {
  std::int64_t size() const override { return sequences->num_sequences(); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override {
    return sequences->num_tokens(example, epoch);
  }
  std::string describe(std::int64_t example) const override { return sequences->describe(example); }
  // With what is hidden in it.
  std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const override;
  std::int64_t num_truncated() const override { return sequences->num_truncated(); }
  // Documents.
  std::int64_t num_units() const override { return num_documents; }
  // Documents, tokens, sequences, and what was cut.
  void log(EventSink& events) const override;

  std::int64_t num_documents = 0;
  TextSize text;
  std::int64_t max_length = 0;  // of a sequence, in tokens
  std::shared_ptr<const SequenceSource> sequences;
  std::shared_ptr<const TargetRule> rule;  // what is predicted of them
};

// Tokenises the text of every part, or takes it from the cache. tokenizer.max_length must be resolved. Throws
// ConfigError, ResourceError, DataError also for a token beyond the model's limits, ModelError for pairs of sentences
// where the model tells no types apart.
DataParts<LanguageModelExamples> read_language_model_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                                          std::int64_t num_threads, EventSink& events);

// Text files outside a run, cut up as `config` says; `name` is for messages and progress.
LanguageModelExamples read_language_model_examples(const RunConfig& config, const std::string& name,
                                                   const std::vector<std::string>& patterns,
                                                   const RunTokenizer& tokenizer, std::int64_t num_threads,
                                                   EventSink& events);

// What the task predicts of a sequence. Throws ConfigError when the tokenizer has no mask token.
std::shared_ptr<const TargetRule> make_target_rule(const RunConfig& config, const RunTokenizer& tokenizer);

}  // namespace llmtool
