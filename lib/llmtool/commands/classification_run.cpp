#include "llmtool/commands/classification_run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "llmtool/commands/training_model.h"
#include "llmtool/core/errors.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/finite_weights.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/training/stopwatch.h"

namespace llmtool {
namespace {

std::optional<std::string> positive_label(const RunConfig& config) {
  if (!config.evaluation.positive_label) return std::nullopt;
  return config.evaluation.positive_label->text;
}

SavedTruncation saved_truncation(const TokenizerOptions& options) {
  return {options.max_length, options.truncation, options.truncation_side};
}

constexpr const char* kDefaultMetric = "macro_f1";
constexpr std::int64_t kLoggedInputs = 3;

// Label names of the model's own head, which may fix their order.
LabelSet head_labels(const RunConfig& config, const Json& model_config) {
  if (config.model.head == HeadPolicy::kNew) return {};
  return LabelSet(read_labels(model_config, model_config_path(config.model.from)));
}

// precision, recall and f1 exist for two labels only; that is known once the labels are.
void check_metric_fits(const RunConfig& config, const LabelSet& labels) {
  const std::string& metric = *config.evaluation.metric;
  if (find_metric(metric)->two_classes_only && labels.size() != 2)
    throw ConfigError("evaluation.metric " + metric + " is defined for two labels only, and the data has " +
                      std::to_string(labels.size()) + "; use macro_" + metric + " instead");
}

RunRecord make_record(const TrainingRequest& request, const RunConfig& config, const ClassificationData& data,
                      const Tokenizer& tokenizer) {
  RunRecord record{config, {}, request.environment};
  record.hashes["data.train"] = data.training.sha256;
  if (data.validation) record.hashes["data.validation"] = data.validation->sha256;
  if (data.test) record.hashes["data.test"] = data.test->sha256;
  record.hashes["tokenizer"] = tokenizer.content_hash();
  record.hashes["model"] = weights_hash(config.model.from);
  return record;
}

LoadedModel load_classifier(const RunConfig& config, const ClassificationData& data) {
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  request.labels = data.choice.labels.names();
  request.labels_are_ordered = data.choice.origin == LabelOrigin::kConfig;
  request.policy = config.model.head;
  request.dropout = config.model.dropout_overrides();
  request.ignore = config.model.ignore;
  request.seed = static_cast<std::uint64_t>(config.seed);
  return load_model(config.model.from, request);
}

void log_inputs(const ClassificationData& data, const Tokenizer& tokenizer, EventSink& events) {
  const auto& ids = data.training.encoded.dataset.column<std::int32_t>(kInputIds);
  for (std::int64_t example = 0; example < std::min(kLoggedInputs, data.training.num_examples()); ++example)
    events.info("input of " + data.training.path + ":" +
                std::to_string(data.training.rows.records[static_cast<std::size_t>(example)].line) + ": " +
                tokenizer.decode(ids.row(example), /*skip_special_tokens=*/false));
}

void log_start(const TrainingRequest& request, const RunConfig& config, const ClassificationData& data,
               const LoadReport& report, const Tokenizer& tokenizer, EventSink& events) {
  events.info("model " + config.model.from + ": " + report.summary(), report.to_json());
  for (const EncodedSplit* split :
       {&data.training, data.validation ? &*data.validation : nullptr, data.test ? &*data.test : nullptr})
    if (split != nullptr) log_split(*split, data.choice.labels, config.tokenizer, events);
  if (request.log_data) log_inputs(data, tokenizer, events);
}

CardSplit card_split(const EncodedSplit& split) {
  return {split.name, split.path, split.num_examples(), split.encoded.num_truncated, split.sha256};
}

// More labels than this are not listed one by one.
constexpr std::int64_t kMostLabelsOnCard = 40;

std::string label_line(const LabelSet& labels) {
  std::string text = "Labels, in the order of their ids: ";
  for (std::int64_t id = 0; id < labels.size() && id < kMostLabelsOnCard; ++id)
    text += (id == 0 ? "`" : ", `") + labels.name(id) + "`";
  if (labels.size() > kMostLabelsOnCard) text += ", … (" + std::to_string(labels.size()) + " in all, see config.json)";
  return text + ".";
}

class PreparedClassification : public PreparedTask {
 public:
  PreparedClassification(const TrainingRequest& request, RunTokenizer tokenizer, ClassificationData data,
                         RunRecord record)
      : request_(request), tokenizer_(std::move(tokenizer)), data_(std::move(data)), record_(std::move(record)) {}

  const RunRecord& record() const override { return record_; }
  std::unique_ptr<RunTrainable> load(EventSink& events) override {
    LoadedModel loaded = load_classifier(record_.config, data_);
    log_start(request_, record_.config, data_, loaded.report, tokenizer_.tokenizer, events);
    require_finite_weights(*loaded.model, record_.config.model.from);
    add_embedding_rows(*loaded.model, tokenizer_, events);
    const Tokenizer& tokenizer = tokenizer_.tokenizer;
    if (const auto padding = tokenizer.pad_id() ? tokenizer.pad_id() : tokenizer.end_of_text_id())
      loaded.model->set_missing_padding_id(*padding);
    return std::make_unique<ClassificationTrainable>(record_.config, data_, tokenizer_, std::move(loaded.model),
                                                     request_.device);
  }

 private:
  TrainingRequest request_;
  RunTokenizer tokenizer_;
  ClassificationData data_;
  RunRecord record_;
};

}  // namespace

std::unique_ptr<PreparedTask> prepare_classification(const TrainingRequest& request, EventSink& events) {
  RunConfig config = request.config;
  require_model_directory(config.model.from);
  const Json model_config = read_model_config(config.model.from);
  const std::string config_path = model_config_path(config.model.from);
  const ModelDimensions dimensions = find_family(model_config, config_path).dimensions(model_config, config_path);
  RunTokenizer tokenizer = load_run_tokenizer(config);
  fit_to_model(config, tokenizer, dimensions, model_config);
  log_warnings(tokenizer, events);
  if (!config.evaluation.metric) config.evaluation.metric = kDefaultMetric;
  ClassificationData data =
      prepare_classification_data(config, head_labels(config, model_config), tokenizer, request.num_threads, events);
  check_metric_fits(config, data.choice.labels);
  RunRecord record = make_record(request, config, data, tokenizer.tokenizer);
  return std::make_unique<PreparedClassification>(request, std::move(tokenizer), std::move(data), std::move(record));
}

ClassificationTrainable::ClassificationTrainable(const RunConfig& config, const ClassificationData& data,
                                                 const RunTokenizer& tokenizer, std::shared_ptr<Model> model,
                                                 c10::Device device)
    : config_(config),
      data_(data),
      tokenizer_(tokenizer),
      model_(std::move(model)),
      task_(data.choice.labels, config.training.loss, data.training.rows.num_examples, positive_label(config)) {
  set_up_for_training(*model_, config.training.trainer, device, parameters_);
}

std::int64_t ClassificationTrainable::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return static_cast<std::int64_t>(data_.training.encoded.dataset.column<std::int32_t>(kInputIds).row(example).size());
}

std::string ClassificationTrainable::describe_example(std::int64_t example) const {
  const Record& record = data_.training.rows.records[static_cast<std::size_t>(example)];
  return data_.training.path + ":" + std::to_string(record.line);
}

std::vector<double> ClassificationTrainable::loss_denominators(const MicroBatch& batch) const {
  return task_.loss_denominators(data_.training.encoded.dataset, batch.examples);
}

std::vector<LossTerm> ClassificationTrainable::loss(const MicroBatch& batch) {
  const EncodedDataset& dataset = data_.training.encoded.dataset;
  const Stopwatch watch;
  const ModelInput input = task_.make_input(*model_, dataset, batch.examples);
  input_totals_.seconds += watch.seconds();
  input_totals_.num_rows += input.layout.num_tokens();
  std::vector<LossTerm> terms;
  for (TaskLoss& term : task_.loss(*model_, input, dataset, batch.examples))
    terms.push_back({std::move(term.name), std::move(term.sum), term.denominator});
  return terms;
}

void ClassificationTrainable::save_model(const std::filesystem::path& directory) const {
  tokenizer_.tokenizer.save(directory, saved_truncation(config_.tokenizer), tokenizer_.limits.takes_types());
  save_pretrained(*model_, directory);
}

void ClassificationTrainable::load_model(const std::filesystem::path& directory) {
  load_weights(directory, *model_);
  parameters_.refresh_working_copies();
}

EpochOrder ClassificationTrainable::epoch_order() const {
  return make_epoch_order(config_, data_.training.encoded.dataset.lengths(kInputIds));
}

Json ClassificationTrainable::counts() const {
  Json counts = {{"train_samples", data_.training.num_examples()},
                 {"num_truncated", data_.training.encoded.num_truncated}};
  if (data_.validation) counts["eval_samples"] = data_.validation->num_examples();
  if (data_.test) counts["test_samples"] = data_.test->num_examples();
  if (data_.training.rows.labels_are_ids) counts["train_labels_are_ids"] = true;
  if (data_.validation && data_.validation->rows.labels_are_ids) counts["eval_labels_are_ids"] = true;
  if (data_.test && data_.test->rows.labels_are_ids) counts["test_labels_are_ids"] = true;
  return counts;
}

TaskCard ClassificationTrainable::card() const {
  TaskCard card;
  card.pipeline_tag = "text-classification";
  card.kind = "A text classifier fine-tuned";
  card.unit = "rows";
  card.splits.push_back(card_split(data_.training));
  if (data_.validation) card.splits.push_back(card_split(*data_.validation));
  if (data_.test) card.splits.push_back(card_split(*data_.test));
  card.data_notes = label_line(data_.choice.labels);
  card.shell_example = "echo \"some text\" | llmtool predict . --input - --format text";
  card.python_example =
      "from transformers import pipeline\n\npipeline(\"text-classification\", model=\".\")(\"some text\")";
  return card;
}

MetricReport ClassificationTrainable::score(const EncodedSplit& split, EventSink& events) {
  ScoringOptions options;
  options.batch_size = config_.evaluation.batch_size;
  const auto name = [&](std::int64_t row) {
    return split.path + ":" + std::to_string(split.rows.records[static_cast<std::size_t>(row)].line);
  };
  return task_.evaluate(*model_, split.encoded.dataset, options, "evaluating " + split.name, events, name).report;
}

std::optional<MetricReport> ClassificationTrainable::score(const std::optional<EncodedSplit>& split,
                                                           EventSink& events) {
  if (!split) return std::nullopt;
  return score(*split, events);
}

}  // namespace llmtool
