#include "llmtool/commands/language_model_eval.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "llmtool/commands/language_model_data.h"
#include "llmtool/commands/run_record.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/scratch_directory.h"
#include "llmtool/data/each_token_hidden.h"
#include "llmtool/data/scored_tokens.h"
#include "llmtool/inference/model_limits.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

struct EvaluatedModel {
  std::shared_ptr<Model> model;
  Tokenizer tokenizer;
  EmbeddingLimits limits = {};
};

HeadKind stored_head(const fs::path& directory) {
  require_model_directory(directory);
  return stored_head_kind(read_model_config(directory), model_config_path(directory));
}

// What Hugging Face's models with two heads were trained on: ALBERT's on the order of sentences, BERT's on the next
// one.
SentenceObjective usual_pairs(const fs::path& directory) {
  return read_model_config(directory).value("model_type", "") == "albert" ? SentenceObjective::kSentenceOrder
                                                                          : SentenceObjective::kNextSentence;
}

// The config of the run that trained the model; of another tool's model, the defaults.
RunConfig trained_config(const fs::path& directory, HeadKind head) {
  if (path_exists(directory / kRunRecordName)) {
    RunConfig config = read_run_record(directory).config;
    if (is_language_model(config.task)) return config;
  }
  RunConfig config;
  config.task = head == HeadKind::kCausalLm ? TaskKind::kCausalLm : TaskKind::kMaskedLm;
  if (head == HeadKind::kPretraining) config.training.masked_lm.sentence_pairs = usual_pairs(directory);
  return config;
}

RunConfig eval_config(const LanguageModelEvalRequest& request, HeadKind head) {
  RunConfig config = trained_config(request.model, head);
  config.data.format = request.format.value_or(FileFormat::kAuto);
  config.data.layout = request.layout;
  if (request.header) config.data.header = *request.header;
  if (request.text_column) config.data.text = {*request.text_column};
  if (request.document) config.data.corpus.document = *request.document;
  if (request.packing) config.data.corpus.packing = *request.packing;
  config.data.corpus.stride = request.stride;
  if (request.pseudo_perplexity) config.training.masked_lm.sentence_pairs = SentenceObjective::kNone;
  return config;
}

EvaluatedModel load_evaluated(const LanguageModelEvalRequest& request, HeadKind head) {
  EvaluatedModel loaded{load_model(request.model, {.head = head}).model, Tokenizer::load(request.model), {}};
  loaded.limits = embedding_limits(loaded.tokenizer, request.model, loaded.model->dimensions(), loaded.model->config());
  set_up_for_inference(*loaded.model, request.session);
  return loaded;
}

void set_max_length(RunConfig& config, const LanguageModelEvalRequest& request, const EvaluatedModel& loaded,
                    EventSink& events) {
  const TruncationChoice choice =
      choose_truncation(request.model, loaded.tokenizer, loaded.model->dimensions(), request.session.max_length);
  config.tokenizer.max_length = choice.options.max_length;
  events.info("sequences have up to " + std::to_string(*config.tokenizer.max_length) + " tokens (" + choice.source +
              ")");
}

LanguageModelEvaluation score(const LanguageModelEvalRequest& request, const RunConfig& config,
                              const EvaluatedModel& loaded, const LanguageModelSplit& split, EventSink& events) {
  const ScoringOptions& options = request.session.scoring;
  const bool is_causal = config.task == TaskKind::kCausalLm;
  const bool has_pairs = config.training.masked_lm.sentence_pairs != SentenceObjective::kNone;
  if (!request.pseudo_perplexity) {
    const LanguageModelTask task(make_target_rule(config, loaded.tokenizer, loaded.limits), is_causal, has_pairs);
    return task.evaluate(*loaded.model, *split.sequences, split.text, options, "evaluating", events);
  }
  if (const auto mask = loaded.tokenizer.mask_id()) loaded.limits.require_id(loaded.tokenizer, *mask);
  const auto hidden = std::make_shared<EachTokenHidden>(split.sequences,
                                                        MaskingVocabulary::of(loaded.tokenizer, loaded.limits.num_ids));
  const LanguageModelTask task(hidden, is_causal, has_pairs);
  LanguageModelEvaluation evaluation = task.evaluate(*loaded.model, *hidden, split.text, options, "evaluating", events);
  for (Metric& metric : evaluation.report.metrics)
    if (metric.name == "perplexity") metric.name = kPseudoPerplexity;
  return evaluation;
}

std::int64_t count_unknown(const Tokenizer& tokenizer, const SequenceSource& sequences) {
  const auto unknown = tokenizer.unk_id();
  // GPT-2 names the end of text so, and has no unknown words.
  return unknown && unknown != tokenizer.eos_id() ? count_scored_tokens(sequences, *unknown) : 0;
}

void warn_of_unknown(std::int64_t num_unknown, const LanguageModelSplit& split, EventSink& events) {
  events.warning(split.name + " data: " + std::to_string(num_unknown) + " of " + std::to_string(split.text.num_tokens) +
                 " tokens stand for words the tokenizer does not know; none of them is predicted, so the figures say "
                 "nothing of these words");
}

}  // namespace

Json LanguageModelEvalResult::to_json() const {
  Json json = report.to_json();
  json["num_documents"] = num_documents;
  json["num_tokens"] = num_tokens;
  json["num_bytes"] = num_bytes;
  json["num_sequences"] = num_sequences;
  json["num_truncated"] = num_truncated;
  json["num_unknown_tokens"] = num_unknown_tokens;
  json["max_length"] = max_length;
  json["computed_in"] = enum_name(precision);
  json["seconds"] = seconds;
  return json;
}

bool is_language_model(const fs::path& model) {
  const HeadKind head = stored_head(model);
  return head == HeadKind::kMaskedLm || head == HeadKind::kPretraining || head == HeadKind::kCausalLm;
}

LanguageModelEvalResult evaluate_language_model(const LanguageModelEvalRequest& request, EventSink& events) {
  const HeadKind head = stored_head(request.model);
  if (request.pseudo_perplexity && head == HeadKind::kCausalLm)
    throw UsageError(
        "--pseudo-perplexity is for masked language models; the perplexity of a causal one needs no option");
  if (head == HeadKind::kPretraining && !request.pseudo_perplexity && (request.packing || request.stride))
    throw UsageError("--packing and --stride have no meaning for pairs of sentences, which " + request.model.string() +
                     " was trained on");
  const EvaluatedModel loaded = load_evaluated(request, head);
  for (const std::string& warning : loaded.limits.warnings(loaded.tokenizer)) events.warning(warning);
  RunConfig config = eval_config(request, head);
  set_max_length(config, request, loaded, events);
  const ScratchDirectory scratch;
  config.data.corpus.cache = scratch.path().string();
  const LanguageModelSplit split = prepare_language_model_split(config, "evaluation", request.data, loaded.tokenizer,
                                                                loaded.limits, request.num_threads, events);
  log_split(split, *config.tokenizer.max_length, events);
  const std::int64_t num_unknown = count_unknown(loaded.tokenizer, *split.sequences);
  if (num_unknown > 0 && config.task == TaskKind::kMaskedLm) warn_of_unknown(num_unknown, split, events);

  const auto start = std::chrono::steady_clock::now();
  LanguageModelEvalResult result;
  result.report = score(request, config, loaded, split, events).report;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.precision = request.session.precision;
  result.num_documents = split.num_documents;
  result.num_tokens = split.text.num_tokens;
  result.num_bytes = split.text.num_bytes;
  result.num_sequences = split.sequences->num_sequences();
  result.num_truncated = split.sequences->num_truncated();
  result.num_unknown_tokens = num_unknown;
  result.max_length = *config.tokenizer.max_length;
  return result;
}

}  // namespace llmtool
