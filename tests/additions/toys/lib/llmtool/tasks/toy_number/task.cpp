#include "llmtool/tasks/toy_number/task.h"

#include <ATen/Functions.h>

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/text_model.h"
#include "llmtool/models/toy_head.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

struct ToyExamples : TextExamples {
  void log(EventSink& events) const override { log_texts(events, "toy numbers", Json::object()); }

  std::vector<double> numbers;
};

struct ToyBatch : Batch {
  explicit ToyBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  at::Tensor numbers;  // [sequences, 1]
};

MetricReport report_of(Model& model, const EncodedDataset& dataset, std::span<const double> numbers,
                       const ScoringOptions& options) {
  const EvaluationMode evaluation_mode(model);
  const auto compute = [&](const ModelInput& input) { return toy_numbers(model, input); };
  const ScoreTable found = score_dataset(dataset, 1, options, device_of(model), compute);
  LossSum loss;
  for (std::int64_t example = 0; example < found.num_examples(); ++example) {
    const double difference = static_cast<double>(found.row(example)[0]) - numbers[static_cast<std::size_t>(example)];
    loss.add(difference * difference, 1.0);
  }
  MetricReport report;
  report.metrics.push_back({"loss", mean_loss(loss).value, ""});
  return report;
}

std::vector<double> numbers_of(const RecordFile& file) {
  std::vector<double> numbers;
  for (const Record& record : file.records) numbers.push_back(record.numbers.front());
  return numbers;
}

class ToyNumberTask : public TextTaskOf<ToyExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& /*model_config*/,
                 std::int64_t num_threads, EventSink& events) override {
    scale_ = config.training.task.toy_number.toy_scale;
    RecordColumns columns = RecordColumns::from(config.data);
    columns.label_form = LabelForm::kNumbers;
    const TextExamplesMaker maker(config, tokenizer, num_threads, events);
    data_ = map_parts(read_record_parts(config, columns), [&](RecordFile file, const std::string& name) {
      ToyExamples examples;
      examples.numbers = numbers_of(file);
      const std::vector<Record> rows = std::exchange(file.records, {});
      maker.fill(examples, file, rows, {}, name);
      return examples;
    });
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    const ToyExamples& training = data_.training;
    auto batch = std::make_unique<ToyBatch>(make_model_input(training.encoded.dataset, micro_batch.examples, device));
    std::vector<float> numbers;
    for (const std::int64_t example : micro_batch.examples)
      numbers.push_back(static_cast<float>(training.numbers[static_cast<std::size_t>(example)] / scale_));
    batch->numbers = at::tensor(numbers, at::kFloat).view({-1, 1}).to(device);
    batch->denominators = {static_cast<double>(numbers.size())};
    batch->num_rows = batch->input.layout.num_tokens();
    return batch;
  }

  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    const auto& toy = static_cast<const ToyBatch&>(batch);
    const at::Tensor found = toy_numbers(model, toy.input).to(at::kFloat);
    return {{"loss", at::mse_loss(found, toy.numbers, at::Reduction::Sum)}};
  }

  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "text-classification";
    card.kind = "A model of toy numbers fine-tuned";
    card.unit = "rows";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const ToyExamples& examples, const ScoringOptions& options,
                        const std::string& /*what*/, EventSink& /*events*/) const override {
    return report_of(model, examples.encoded.dataset, examples.numbers, options);
  }

 private:
  double scale_ = 1.0;
};

}  // namespace

std::unique_ptr<Task> make_toy_number_task() { return std::make_unique<ToyNumberTask>(); }

EvalResult evaluate_toy_numbers(const EvalRequest& request, EventSink& /*events*/) {
  const TextModel model = TextModel::load(request.model, HeadKind::kToyNumber, request.session);
  RecordColumns columns = eval_columns(request);
  columns.label_form = LabelForm::kNumbers;
  const RecordFile file = read_records(request.data, columns);
  std::vector<TextInput> texts;
  for (const Record& record : file.records) texts.push_back({record.text, {}});
  const EncodedTexts encoded = encode_texts(model.tokenizer(), model.tokenizer_options(), texts, model.limits());
  MetricReport report = report_of(*model.model(), encoded.dataset, numbers_of(file), model.scoring_options());
  return {std::move(report), {{"num_examples", file.records.size()}}, "toy numbers", "", {}};
}

}  // namespace llmtool
