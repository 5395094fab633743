#include "llmtool/commands/language_model_run.h"

#include <algorithm>
#include <utility>

#include "llmtool/commands/run_tokenizer.h"
#include "llmtool/commands/training_model.h"
#include "llmtool/models/families.h"
#include "llmtool/models/finite_weights.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/training/stopwatch.h"

namespace llmtool {
namespace {

constexpr const char* kDefaultLanguageMetric = "loss";
constexpr std::int64_t kLoggedSequences = 3;

bool predicts_pairs(const RunConfig& config) { return head_kind(config) == HeadKind::kPretraining; }

// A config.json to be: what is known of the model before its weights.
struct ModelDescription {
  Json config;
  std::string source;  // for messages
};

// Fills in the sizes and ids that follow from the tokenizer.
void complete_model_config(Json& config, const Tokenizer& tokenizer) {
  const auto fill = [&](const char* key, const auto& value) {
    if (!config.contains(key) && value) config[key] = *value;
  };
  fill("vocab_size", std::optional(tokenizer.id_bound()));
  fill("pad_token_id", tokenizer.pad_id());
  fill("bos_token_id", tokenizer.bos_id());
  fill("eos_token_id", tokenizer.eos_id());
}

// What config.json says, or, from scratch, will say.
ModelDescription describe_model(const RunConfig& config, const Tokenizer& tokenizer) {
  if (!config.model.config) return {read_model_config(config.model.from), model_config_path(config.model.from)};
  ModelDescription description{config.model.config->values, "model.config"};
  complete_model_config(description.config, tokenizer);
  find_family(description.config, description.source)
      .override_dropout(description.config, config.model.dropout_overrides());
  return description;
}

RunRecord make_record(const TrainingRequest& request, const RunConfig& config, const LanguageModelData& data,
                      const Tokenizer& tokenizer) {
  RunRecord record{config, {}, request.environment};
  record.hashes["data.train"] = data.training.sha256;
  if (data.validation) record.hashes["data.validation"] = data.validation->sha256;
  if (data.test) record.hashes["data.test"] = data.test->sha256;
  record.hashes["tokenizer"] = tokenizer.content_hash();
  if (!config.model.from.empty()) record.hashes["model"] = weights_hash(config.model.from);
  return record;
}

std::shared_ptr<Model> draw_start(const RunConfig& config, const ModelDescription& description, EventSink& events) {
  auto model =
      draw_model(description.config, description.source, head_kind(config), static_cast<std::uint64_t>(config.seed));
  std::int64_t num_values = 0;
  for (const NamedParameter& parameter : model->trainable_parameters()) num_values += parameter.tensor.numel();
  events.info("model from scratch: " + std::string(model->architecture()) + " with " + std::to_string(num_values) +
              " weights");
  return model;
}

std::shared_ptr<Model> load_start(const RunConfig& config, EventSink& events) {
  LoadRequest request{.head = head_kind(config), .allow_new_head = true};
  request.dropout = config.model.dropout_overrides();
  request.ignore = config.model.ignore;
  request.seed = static_cast<std::uint64_t>(config.seed);
  LoadedModel loaded = load_model(config.model.from, request);
  events.info("model " + config.model.from + ": " + loaded.report.summary(), loaded.report.to_json());
  require_finite_weights(*loaded.model, config.model.from);
  return loaded.model;
}

void log_inputs(const LanguageModelData& data, const LanguageModelTask& task, const Tokenizer& tokenizer,
                EventSink& events) {
  const SequenceSource& sequences = *data.training.sequences;
  for (std::int64_t index = 0; index < std::min(kLoggedSequences, sequences.num_sequences()); ++index) {
    const auto examples = task.make_examples(sequences, std::span(&index, 1), 0);
    events.info("input of " + sequences.describe(index) + ": " +
                tokenizer.decode(examples.front().sequence.ids, /*skip_special_tokens=*/false));
  }
}

LanguageModelTask make_task(const RunConfig& config, const RunTokenizer& run) {
  return {make_target_rule(config, run.tokenizer, run.limits), config.task == TaskKind::kCausalLm,
          predicts_pairs(config)};
}

CardSplit card_split(const LanguageModelSplit& split) {
  return {split.name, split.path, split.num_documents, split.sequences->num_truncated(), split.sha256};
}

class PreparedLanguageModel : public PreparedTask {
 public:
  PreparedLanguageModel(const TrainingRequest& request, ModelDescription model, RunTokenizer tokenizer,
                        LanguageModelData data, RunRecord record)
      : request_(request),
        model_(std::move(model)),
        tokenizer_(std::move(tokenizer)),
        data_(std::move(data)),
        record_(std::move(record)) {}

  const RunRecord& record() const override { return record_; }
  std::unique_ptr<RunTrainable> load(EventSink& events) override {
    const RunConfig& config = record_.config;
    auto model = config.model.config ? draw_start(config, model_, events) : load_start(config, events);
    for (const LanguageModelSplit* split :
         {&data_.training, data_.validation ? &*data_.validation : nullptr, data_.test ? &*data_.test : nullptr})
      if (split != nullptr) log_split(*split, *config.tokenizer.max_length, events);
    const Tokenizer& tokenizer = tokenizer_.tokenizer;
    if (request_.log_data) log_inputs(data_, make_task(config, tokenizer_), tokenizer, events);
    add_embedding_rows(*model, tokenizer_, events);
    return std::make_unique<LanguageModelTrainable>(config, data_, tokenizer_, std::move(model), request_.device);
  }

 private:
  TrainingRequest request_;
  ModelDescription model_;
  RunTokenizer tokenizer_;
  LanguageModelData data_;
  RunRecord record_;
};

}  // namespace

HeadKind head_kind(const RunConfig& config) {
  if (config.task == TaskKind::kCausalLm) return HeadKind::kCausalLm;
  return config.training.masked_lm.sentence_pairs == SentenceObjective::kNone ? HeadKind::kMaskedLm
                                                                              : HeadKind::kPretraining;
}

std::unique_ptr<PreparedTask> prepare_language_model(const TrainingRequest& request, EventSink& events) {
  RunConfig config = request.config;
  if (!config.model.config) require_model_directory(config.model.from);
  RunTokenizer run = load_run_tokenizer(config);
  const Tokenizer& tokenizer = run.tokenizer;
  ModelDescription model = describe_model(config, tokenizer);
  const Family& family = find_family(model.config, model.source);
  family.architecture(head_kind(config));  // throws for a head the family lacks
  fit_to_model(config, run, family.dimensions(model.config, model.source), model.config);
  log_warnings(run, events);
  if (!config.evaluation.metric) config.evaluation.metric = kDefaultLanguageMetric;
  make_target_rule(config, tokenizer, run.limits);  // throws before the long work of tokenising
  LanguageModelData data = prepare_language_model_data(config, tokenizer, run.limits, request.num_threads, events);
  RunRecord record = make_record(request, config, data, tokenizer);
  return std::make_unique<PreparedLanguageModel>(request, std::move(model), std::move(run), std::move(data),
                                                 std::move(record));
}

LanguageModelTrainable::LanguageModelTrainable(const RunConfig& config, const LanguageModelData& data,
                                               const RunTokenizer& run, std::shared_ptr<Model> model,
                                               c10::Device device)
    : config_(config),
      data_(data),
      tokenizer_(run),
      model_(std::move(model)),
      device_(device),
      task_(make_task(config, run)) {
  set_up_for_training(*model_, config.training.trainer, device, parameters_);
}

std::int64_t LanguageModelTrainable::num_tokens(std::int64_t example, std::int64_t epoch) const {
  return data_.training.sequences->num_tokens(example, epoch);
}

std::string LanguageModelTrainable::describe_example(std::int64_t example) const {
  return data_.training.sequences->describe(example);
}

std::vector<double> LanguageModelTrainable::loss_denominators(const MicroBatch& batch) const {
  return task_.loss_denominators(task_.make_examples(*data_.training.sequences, batch.examples, batch.epoch));
}

std::vector<LossTerm> LanguageModelTrainable::loss(const MicroBatch& batch) {
  const Stopwatch watch;
  const LanguageModelBatch inputs =
      make_batch(task_.make_examples(*data_.training.sequences, batch.examples, batch.epoch), device_);
  input_totals_.seconds += watch.seconds();
  input_totals_.num_rows += inputs.input.layout.num_tokens();
  std::vector<LossTerm> terms;
  for (TaskLoss& term : task_.loss(*model_, inputs))
    terms.push_back({std::move(term.name), std::move(term.sum), term.denominator});
  return terms;
}

void LanguageModelTrainable::save_model(const std::filesystem::path& directory) const {
  // Pairs of segments are told apart by their types in any case.
  const std::optional<bool> takes_types = tokenizer_.limits.takes_types();
  tokenizer_.tokenizer.save(
      directory, {config_.tokenizer.max_length, config_.tokenizer.truncation, config_.tokenizer.truncation_side},
      takes_types ? std::optional(*takes_types || head_kind(config_) == HeadKind::kPretraining) : takes_types);
  save_pretrained(*model_, directory);
}

void LanguageModelTrainable::load_model(const std::filesystem::path& directory) {
  load_weights(directory, *model_);
  parameters_.refresh_working_copies();
}

EpochOrder LanguageModelTrainable::epoch_order() const {
  std::vector<std::int64_t> lengths;
  for (std::int64_t example = 0; example < num_examples(); ++example) lengths.push_back(num_tokens(example, 0));
  return make_epoch_order(config_, std::move(lengths));
}

Json LanguageModelTrainable::counts() const {
  Json counts = {{"train_samples", num_examples()}, {"num_truncated", data_.training.sequences->num_truncated()}};
  if (data_.validation) counts["eval_samples"] = data_.validation->sequences->num_sequences();
  if (data_.test) counts["test_samples"] = data_.test->sequences->num_sequences();
  return counts;
}

TaskCard LanguageModelTrainable::card() const {
  const bool is_causal = config_.task == TaskKind::kCausalLm;
  TaskCard card;
  card.pipeline_tag = is_causal ? "text-generation" : "fill-mask";
  card.kind = is_causal ? "A causal language model trained" : "A masked language model trained";
  card.unit = "documents";
  card.splits.push_back(card_split(data_.training));
  if (data_.validation) card.splits.push_back(card_split(*data_.validation));
  if (data_.test) card.splits.push_back(card_split(*data_.test));
  card.shell_example = "llmtool eval . --data more_text.txt";
  card.python_example =
      "from transformers import pipeline\n\npipeline(\"" + card.pipeline_tag + "\", model=\".\")(\"" +
      (is_causal ? "Once"
                 : "Once upon a " + std::string(tokenizer_.tokenizer.token(*tokenizer_.tokenizer.mask_id())) + ".") +
      "\")";
  return card;
}

MetricReport LanguageModelTrainable::score(const LanguageModelSplit& split, EventSink& events) {
  ScoringOptions options;
  options.batch_size = config_.evaluation.batch_size;
  return task_.evaluate(*model_, *split.sequences, split.text, options, "evaluating " + split.name, events).report;
}

std::optional<MetricReport> LanguageModelTrainable::score(const std::optional<LanguageModelSplit>& split,
                                                          EventSink& events) {
  if (!split) return std::nullopt;
  return score(*split, events);
}

}  // namespace llmtool
