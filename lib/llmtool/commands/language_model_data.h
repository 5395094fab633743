#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/commands/run_config.h"
#include "llmtool/core/events.h"
#include "llmtool/data/corpus.h"
#include "llmtool/data/sequence_source.h"
#include "llmtool/data/target_rule.h"
#include "llmtool/tasks/language_modeling.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// One part of the text, cut into sequences.
struct LanguageModelSplit {
  std::string name;    // "training", "validation", "test"
  std::string path;    // files or patterns as the config names them
  std::string sha256;  // of the files
  std::int64_t num_documents = 0;
  TextSize text;
  std::shared_ptr<const SequenceSource> sequences;
};

struct LanguageModelData {
  LanguageModelSplit training;
  std::optional<LanguageModelSplit> validation;
  std::optional<LanguageModelSplit> test;
};

// The folder for tokenised text: data.cache, or corpora beside output_dir.
std::filesystem::path corpus_cache(const RunConfig& config);

// Tokenises the text of every split, or takes it from the cache. tokenizer.max_length must be resolved. Throws
// ConfigError, ResourceError, DataError also for a token beyond the model's `limits`, ModelError for pairs of sentences
// where the model tells no types apart.
LanguageModelData prepare_language_model_data(const RunConfig& config, const Tokenizer& tokenizer,
                                              const EmbeddingLimits& limits, std::int64_t num_threads,
                                              EventSink& events);

// Text files outside a run, cut up as `config` says; `name` is for messages and progress.
LanguageModelSplit prepare_language_model_split(const RunConfig& config, const std::string& name,
                                                const std::vector<std::string>& patterns, const Tokenizer& tokenizer,
                                                const EmbeddingLimits& limits, std::int64_t num_threads,
                                                EventSink& events);

// What the task predicts of a sequence. Throws ConfigError when the tokenizer has no mask token.
std::shared_ptr<const TargetRule> make_target_rule(const RunConfig& config, const Tokenizer& tokenizer,
                                                   const EmbeddingLimits& limits);

// Logs documents, tokens, sequences, and what was cut.
void log_split(const LanguageModelSplit& split, std::int64_t max_length, EventSink& events);

}  // namespace llmtool
