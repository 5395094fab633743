#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/masking.h"
#include "llmtool/data/sequences.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/families.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/language_modeling/data.h"
#include "llmtool/tasks/language_modeling/objective.h"
#include "llmtool/tasks/language_modeling/task.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

struct EvaluatedModel {
  std::shared_ptr<Model> model;
  RunTokenizer run;
};

HeadKind stored_head(const fs::path& directory) {
  require_model_directory(directory);
  return stored_head_kind(read_model_config(directory), model_config_path(directory));
}

// What Hugging Face's models with two heads were trained on.
SentenceObjective usual_pairs(const fs::path& directory) {
  const Family& family = find_family(read_model_config(directory), model_config_path(directory));
  return family.orders_sentences ? SentenceObjective::kSentenceOrder : SentenceObjective::kNextSentence;
}

// The config of the run that trained the model; of another tool's model, the defaults.
RunConfig trained_config(const fs::path& directory, HeadKind head) {
  if (path_exists(directory / kRunRecordName)) {
    RunConfig config = read_run_record(directory).config;
    if (task_row(config.task).most_texts == 0) return config;
  }
  RunConfig config;
  config.task = head == HeadKind::kCausalLm ? TaskKind::kCausalLm : TaskKind::kMaskedLm;
  if (head == HeadKind::kPretraining) config.training.task.masked_lm.sentence_pairs = usual_pairs(directory);
  return config;
}

RunConfig eval_config(const EvalRequest& request, HeadKind head) {
  RunConfig config = trained_config(request.model, head);
  config.data.format = request.format;
  config.data.layout = request.layout;
  if (request.columns.header) config.data.header = *request.columns.header;
  if (!request.columns.text.empty()) config.data.text = {request.columns.text.front()};
  if (request.task.language_model.document) config.data.corpus.document = *request.task.language_model.document;
  if (request.task.language_model.packing) config.data.corpus.packing = *request.task.language_model.packing;
  config.data.corpus.stride = request.task.language_model.stride;
  if (request.task.language_model.pseudo_perplexity)
    config.training.task.masked_lm.sentence_pairs = SentenceObjective::kNone;
  return config;
}

EvaluatedModel load_evaluated(const EvalRequest& request, HeadKind head) {
  EvaluatedModel loaded{load_model(request.model, {.head = head}).model, {Tokenizer::load(request.model), {}, {}}};
  loaded.run.limits =
      embedding_limits(loaded.run.tokenizer, request.model, loaded.model->dimensions(), loaded.model->config());
  set_up_for_inference(*loaded.model, request.session);
  return loaded;
}

void set_max_length(RunConfig& config, const EvalRequest& request, const EvaluatedModel& loaded, EventSink& events) {
  const TruncationChoice choice =
      choose_truncation(request.model, loaded.run.tokenizer, loaded.model->dimensions(), request.session.max_length);
  config.tokenizer.max_length = choice.options.max_length;
  events.info("sequences have up to " + std::to_string(*config.tokenizer.max_length) + " tokens (" + choice.source +
              ")");
}

LanguageModelEvaluation score(const EvalRequest& request, const RunConfig& config, const EvaluatedModel& loaded,
                              const LanguageModelExamples& examples, EventSink& events) {
  const ScoringOptions& options = request.session.scoring;
  const bool is_causal = config.task == TaskKind::kCausalLm;
  const bool has_pairs = config.training.task.masked_lm.sentence_pairs != SentenceObjective::kNone;
  if (!request.task.language_model.pseudo_perplexity) {
    const LanguageModelObjective objective(examples.rule, is_causal, has_pairs);
    return objective.evaluate(*loaded.model, *examples.sequences, examples.text, options, "evaluating", events);
  }
  if (const auto mask = loaded.run.tokenizer.mask_id()) loaded.run.limits.require_id(loaded.run.tokenizer, *mask);
  const auto hidden = std::make_shared<EachTokenHidden>(
      examples.sequences, MaskingVocabulary::of(loaded.run.tokenizer, loaded.run.limits.num_ids));
  const LanguageModelObjective objective(hidden, is_causal, has_pairs);
  LanguageModelEvaluation evaluation =
      objective.evaluate(*loaded.model, *hidden, examples.text, options, "evaluating", events);
  for (Metric& metric : evaluation.report.metrics)
    if (metric.name == "perplexity") metric.name = kPseudoPerplexity;
  return evaluation;
}

std::int64_t count_unknown(const Tokenizer& tokenizer, const SequenceSource& sequences) {
  const auto unknown = tokenizer.unk_id();
  // GPT-2 names the end of text so, and has no unknown words.
  return unknown && unknown != tokenizer.eos_id() ? count_scored_tokens(sequences, *unknown) : 0;
}

void warn_of_unknown(std::int64_t num_unknown, const LanguageModelExamples& examples, EventSink& events) {
  events.warning(examples.name + " data: " + std::to_string(num_unknown) + " of " +
                 std::to_string(examples.text.num_tokens) +
                 " tokens stand for words the tokenizer does not know; none of them is predicted, so the figures say "
                 "nothing of these words");
}

Json counts_of(const LanguageModelExamples& examples, std::int64_t num_unknown, Precision precision, double seconds) {
  return {{"num_documents", examples.num_documents},
          {"num_tokens", examples.text.num_tokens},
          {"num_bytes", examples.text.num_bytes},
          {"num_sequences", examples.size()},
          {"num_truncated", examples.num_truncated()},
          {"num_unknown_tokens", num_unknown},
          {"max_length", examples.max_length},
          {"computed_in", enum_name(precision)},
          {"seconds", seconds}};
}

std::string summary_line(const std::string& data, const LanguageModelExamples& examples, Precision precision) {
  return data + ": " + std::to_string(examples.num_documents) + " documents, " +
         std::to_string(examples.text.num_tokens) + " tokens in " + std::to_string(examples.size()) +
         " sequences of up to " + std::to_string(examples.max_length) + ", " + computed_in(precision);
}

}  // namespace

EvalResult evaluate_language_model(const EvalRequest& request, EventSink& events) {
  const HeadKind head = stored_head(request.model);
  if (request.task.language_model.pseudo_perplexity && head == HeadKind::kCausalLm)
    throw UsageError(
        "--pseudo-perplexity is for masked language models; the perplexity of a causal one needs no option");
  if (!request.task.language_model.pseudo_perplexity &&
      std::ranges::find(request.required_metrics, kPseudoPerplexity) != request.required_metrics.end())
    throw UsageError("--require " + std::string(kPseudoPerplexity) + " needs --pseudo-perplexity");
  if (head == HeadKind::kPretraining && !request.task.language_model.pseudo_perplexity &&
      (request.task.language_model.packing || request.task.language_model.stride))
    throw UsageError("--packing and --stride have no meaning for pairs of sentences, which " + request.model.string() +
                     " was trained on");
  const EvaluatedModel loaded = load_evaluated(request, head);
  for (const std::string& warning : loaded.run.limits.warnings(loaded.run.tokenizer)) events.warning(warning);
  RunConfig config = eval_config(request, head);
  set_max_length(config, request, loaded, events);
  const ScratchDirectory scratch;
  config.data.corpus.cache = scratch.path().string();
  const LanguageModelExamples examples =
      read_language_model_examples(config, "evaluation", {request.data}, loaded.run, request.num_threads, events);
  examples.log(events);
  const std::int64_t num_unknown = count_unknown(loaded.run.tokenizer, *examples.sequences);
  if (num_unknown > 0 && config.task == TaskKind::kMaskedLm) warn_of_unknown(num_unknown, examples, events);

  const auto start = std::chrono::steady_clock::now();
  MetricReport report = score(request, config, loaded, examples, events).report;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const Precision precision = request.session.precision;
  return {std::move(report),
          counts_of(examples, num_unknown, precision, seconds),
          summary_line(request.data, examples, precision),
          "",
          {}};
}

}  // namespace llmtool
