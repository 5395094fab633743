#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/data/corpus_options.h"
#include "llmtool/formats/file_format.h"
#include "llmtool/formats/table_layout.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

// The name of the perplexity of a masked language model whose tokens are hidden one by one.
inline constexpr const char* kPseudoPerplexity = "pseudo_perplexity";

// `llmtool eval` of a language model, everything of the command line and the machine resolved. What is unset is as the
// model was trained (llmtool.lock.json), else the default of a run config.
struct LanguageModelEvalRequest {
  std::filesystem::path model;
  std::vector<std::string> data;  // files or patterns
  std::optional<FileFormat> format;
  std::optional<bool> header;
  TableLayout layout = {};
  std::optional<std::string> text_column;
  std::optional<DocumentUnit> document;
  std::optional<Packing> packing;
  std::optional<std::int64_t> stride;
  // Masked language models: every token hidden once and alone, instead of a sample of them together.
  bool pseudo_perplexity = false;
  SessionOptions session;
  std::int64_t num_threads = 1;
};

struct LanguageModelEvalResult {
  MetricReport report;
  std::int64_t num_documents = 0;
  std::int64_t num_tokens = 0;  // of the text
  std::int64_t num_bytes = 0;   // of the text
  std::int64_t num_sequences = 0;
  std::int64_t num_truncated = 0;  // documents that were cut
  // Tokens of the text for words the vocabulary lacks. A masked model is never asked for one.
  std::int64_t num_unknown_tokens = 0;
  std::int64_t max_length = 0;
  Precision precision = Precision::kFp32;
  double seconds = 0.0;  // of computing, without loading and tokenising

  // One object: the figures of the report, then the counts above under their names.
  Json to_json() const;
};

// Whether a model folder holds a language model, by the class its config.json names. Throws ModelError when there is
// no model.
bool is_language_model(const std::filesystem::path& model);

// Scores running text with a language model. Throws ModelError, UsageError (pseudo-perplexity of a causal model,
// packing or stride with sentence pairs), DataError, ResourceError, NonFiniteError.
LanguageModelEvalResult evaluate_language_model(const LanguageModelEvalRequest& request, EventSink& events);

}  // namespace llmtool
