#include "llmtool/commands/contrastive_run.h"

#include <algorithm>
#include <utility>

#include "llmtool/commands/training_model.h"
#include "llmtool/core/errors.h"
#include "llmtool/inference/sentence_transformer_files.h"
#include "llmtool/models/finite_weights.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/training/stopwatch.h"

namespace llmtool {
namespace {

constexpr const char* kDefaultContrastiveMetric = "loss";

RunRecord make_record(const TrainingRequest& request, const RunConfig& config, const ContrastiveData& data,
                      const Tokenizer& tokenizer) {
  RunRecord record{config, {}, request.environment};
  record.hashes["data.train"] = data.training.sha256;
  if (data.validation) record.hashes["data.validation"] = data.validation->sha256;
  if (data.test) record.hashes["data.test"] = data.test->sha256;
  record.hashes["tokenizer"] = tokenizer.content_hash();
  record.hashes["model"] = weights_hash(config.model.from);
  return record;
}

CardSplit card_split(const ContrastiveSplit& split) {
  return {split.name, split.path, split.num_rows(), split.num_truncated(), split.sha256};
}

// Vectors are made of the last hidden states: the layer behind them that some families save along stays as it is.
bool is_unused(const std::string& name) { return name.starts_with("pooler."); }

class PreparedContrastive : public PreparedTask {
 public:
  PreparedContrastive(const TrainingRequest& request, ContrastiveStart start, RunTokenizer tokenizer,
                      ContrastiveData data, RunRecord record)
      : request_(request),
        start_(std::move(start)),
        tokenizer_(std::move(tokenizer)),
        data_(std::move(data)),
        record_(std::move(record)) {}

  const RunRecord& record() const override { return record_; }
  std::unique_ptr<RunTrainable> load(EventSink& events) override {
    const RunConfig& config = record_.config;
    LoadedModel loaded = load_model(config.model.from, {.dropout = config.model.dropout_overrides(),
                                                        .ignore = config.model.ignore,
                                                        .seed = static_cast<std::uint64_t>(config.seed)});
    events.info("model " + config.model.from + ": " + loaded.report.summary(), loaded.report.to_json());
    require_finite_weights(*loaded.model, config.model.from);
    for (const ContrastiveSplit* split :
         {&data_.training, data_.validation ? &*data_.validation : nullptr, data_.test ? &*data_.test : nullptr})
      if (split != nullptr) log_split(*split, config, events);
    if (request_.log_data) log_inputs(events);
    add_embedding_rows(*loaded.model, tokenizer_, events);
    return std::make_unique<ContrastiveTrainable>(config, data_, start_, tokenizer_, std::move(loaded.model),
                                                  request_.device);
  }

 private:
  void log_inputs(EventSink& events) const {
    constexpr std::int64_t kLoggedRows = 3;
    for (std::int64_t row = 0; row < std::min(kLoggedRows, data_.training.num_rows()); ++row)
      for (const EncodedRecords& column : data_.training.columns)
        events.info("input of " + data_.training.path + ":" +
                    std::to_string(data_.training.lines[static_cast<std::size_t>(row)]) + ": " +
                    tokenizer_.tokenizer.decode(column.dataset.column<std::int32_t>(kInputIds).row(row),
                                                /*skip_special_tokens=*/false));
  }

  TrainingRequest request_;
  ContrastiveStart start_;
  RunTokenizer tokenizer_;
  ContrastiveData data_;
  RunRecord record_;
};

// A text whose counterpart is the only candidate is always right, and nothing is learned from it.
void require_candidates(const RunConfig& config, const ContrastiveSplit& training) {
  if (training.columns.size() > 2) return;  // hard negatives are candidates besides
  if (training.num_rows() == 1)
    throw DataError(
        "data.train: " + training.path +
        " leaves one row to train on, whose text has no other texts to be told from; give more rows, or hard "
        "negatives as a third column of data.text");
  const auto& limit = config.training.trainer.tokens_per_batch;
  std::int64_t num_tokens = 0;
  for (std::int64_t row = 0; row < training.num_rows(); ++row) num_tokens += training.num_tokens(row);
  if (limit && num_tokens > *limit * (training.num_rows() - 1))
    throw ConfigError(
        "training.tokens_per_batch: with " + std::to_string(*limit) +
        " tokens every micro-batch is one row, whose text has no other texts to be told from; rows have " +
        std::to_string(num_tokens / training.num_rows()) + " tokens on average, so raise it");
}

// The first of: the config, the folder's own limit for vectors, what fit_to_model() takes.
void set_stated_length(RunConfig& config, const ContrastiveStart& start, const ModelDimensions& dimensions) {
  if (!config.tokenizer.max_length && start.max_length)
    config.tokenizer.max_length = std::min(start.max_length->max_length, dimensions.num_positions);
}

}  // namespace

std::unique_ptr<PreparedTask> prepare_contrastive(const TrainingRequest& request, EventSink& events) {
  RunConfig config = request.config;
  require_model_directory(config.model.from);
  ContrastiveStart start = read_contrastive_start(config.model.from, config.training.contrastive.pooling, events);
  config.training.contrastive.pooling = start.pooling;
  const Json model_config = read_model_config(config.model.from);
  const std::string config_path = model_config_path(config.model.from);
  const ModelDimensions dimensions = find_family(model_config, config_path).dimensions(model_config, config_path);
  RunTokenizer tokenizer = load_run_tokenizer(config);
  if (start.lowercase) tokenizer.tokenizer = tokenizer.tokenizer.with_lowercase();
  set_stated_length(config, start, dimensions);
  fit_to_model(config, tokenizer, dimensions, model_config);
  log_warnings(tokenizer, events);
  if (!config.evaluation.metric) config.evaluation.metric = kDefaultContrastiveMetric;
  ContrastiveData data = prepare_contrastive_data(config, tokenizer, request.num_threads, events);
  require_candidates(config, data.training);
  RunRecord record = make_record(request, config, data, tokenizer.tokenizer);
  return std::make_unique<PreparedContrastive>(request, std::move(start), std::move(tokenizer), std::move(data),
                                               std::move(record));
}

ContrastiveTrainable::ContrastiveTrainable(const RunConfig& config, const ContrastiveData& data,
                                           const ContrastiveStart& start, const RunTokenizer& tokenizer,
                                           std::shared_ptr<Model> model, c10::Device device)
    : config_(config),
      data_(data),
      start_(start),
      tokenizer_(tokenizer),
      model_(std::move(model)),
      task_(config.training.contrastive.temperature, *config.training.contrastive.pooling) {
  set_up_for_training(*model_, config.training.trainer, device, parameters_);
  for (const Parameter& parameter : parameters_.parameters())
    if (is_unused(parameter.name)) parameters_.set_trainable(parameter.name, false);
}

std::int64_t ContrastiveTrainable::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return data_.training.num_tokens(example);
}

std::string ContrastiveTrainable::describe_example(std::int64_t example) const {
  return data_.training.path + ":" + std::to_string(data_.training.lines[static_cast<std::size_t>(example)]);
}

std::vector<double> ContrastiveTrainable::loss_denominators(const MicroBatch& batch) const {
  return {static_cast<double>(batch.examples.size())};
}

std::vector<LossTerm> ContrastiveTrainable::loss(const MicroBatch& batch) {
  const Stopwatch watch;
  const ContrastiveInputs inputs = task_.make_inputs(*model_, data_.training.views(), batch.examples);
  input_totals_.seconds += watch.seconds();
  for (const ModelInput* input : {&inputs.texts, &inputs.counterparts})
    input_totals_.num_rows += input->layout.num_tokens();
  if (inputs.hard_negatives) input_totals_.num_rows += inputs.hard_negatives->layout.num_tokens();
  TaskLoss loss = task_.loss(*model_, inputs);
  std::vector<LossTerm> terms;
  terms.push_back({std::move(loss.name), std::move(loss.sum), loss.denominator});
  return terms;
}

void ContrastiveTrainable::save_model(const std::filesystem::path& directory) const {
  tokenizer_.tokenizer.save(
      directory, {config_.tokenizer.max_length, config_.tokenizer.truncation, config_.tokenizer.truncation_side},
      tokenizer_.limits.takes_types());
  write_sentence_transformer_files(directory, {.pooling = start_.pooling,
                                               .include_prompt = start_.include_prompt,
                                               .normalize = start_.normalize,
                                               .hidden_size = model_->dimensions().hidden_size,
                                               .max_length = *config_.tokenizer.max_length,
                                               .settings = start_.settings});
  save_pretrained(*model_, directory);
}

void ContrastiveTrainable::load_model(const std::filesystem::path& directory) {
  load_weights(directory, *model_);
  parameters_.refresh_working_copies();
}

EpochOrder ContrastiveTrainable::epoch_order() const {
  std::vector<std::int64_t> lengths;
  for (std::int64_t row = 0; row < num_examples(); ++row) lengths.push_back(data_.training.num_tokens(row));
  return make_epoch_order(config_, std::move(lengths));
}

Json ContrastiveTrainable::counts() const {
  Json counts = {{"train_samples", num_examples()}, {"num_truncated", data_.training.num_truncated()}};
  if (data_.validation) counts["eval_samples"] = data_.validation->num_rows();
  if (data_.test) counts["test_samples"] = data_.test->num_rows();
  return counts;
}

TaskCard ContrastiveTrainable::card() const {
  TaskCard card;
  card.pipeline_tag = "sentence-similarity";
  card.kind = "An encoder of texts into vectors trained";
  card.unit = "rows";
  card.splits.push_back(card_split(data_.training));
  if (data_.validation) card.splits.push_back(card_split(*data_.validation));
  if (data_.test) card.splits.push_back(card_split(*data_.test));
  card.data_notes = "Figures are of finding a text's counterpart among those of all rows.";
  card.shell_example = "llmtool embed . --input texts.jsonl --output vectors.jsonl";
  card.python_example =
      "from sentence_transformers import SentenceTransformer\n\nSentenceTransformer(\".\").encode([\"some text\"])";
  return card;
}

MetricReport ContrastiveTrainable::score(const ContrastiveSplit& split, EventSink& events) {
  ScoringOptions options;
  options.batch_size = config_.evaluation.batch_size;
  const auto name = [&](std::int64_t row) {
    return split.path + ":" + std::to_string(split.lines[static_cast<std::size_t>(row)]);
  };
  return task_.evaluate(*model_, split.views(), options, "evaluating " + split.name, events, name);
}

std::optional<MetricReport> ContrastiveTrainable::score(const std::optional<ContrastiveSplit>& split,
                                                        EventSink& events) {
  if (!split) return std::nullopt;
  return score(*split, events);
}

}  // namespace llmtool
