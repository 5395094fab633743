#include "llmtool/tasks/regression/task.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/regression/objective.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

struct NumberedExamples : TextExamples {
  NumberedTexts texts() const { return {encoded.dataset, numbers}; }
  // The numbers of one target, [examples].
  std::vector<double> of_target(std::size_t target) const {
    std::vector<double> column;
    for (std::size_t index = target; index < numbers.size(); index += targets.size()) column.push_back(numbers[index]);
    return column;
  }
  void log(EventSink& events) const override;

  std::vector<std::string> targets;
  std::vector<double> numbers;  // [examples, targets]
};

void NumberedExamples::log(EventSink& events) const {
  std::string text;
  Json ranges = Json::object();
  for (std::size_t target = 0; target < targets.size(); ++target) {
    const auto [low, high] = std::ranges::minmax(of_target(target));
    text += (target == 0 ? "" : ", ") + targets[target] + " from " + short_number(low) + " to " + short_number(high);
    ranges[targets[target]] = {{"low", low}, {"high", high}};
  }
  log_texts(events, text, {{"targets", ranges}});
}

// Names of the outputs: those of a head of regression with so many, which is kept, else the columns.
std::vector<std::string> target_names(const RunConfig& config, const Json& model_config) {
  const std::string file = model_config_path(config.model.from);
  if (config.model.head == HeadPolicy::kNew || !task_row(config.task).is_own_model(model_config, file))
    return config.data.label;
  std::vector<std::string> stored = read_labels(model_config, file);
  return stored.size() == config.data.label.size() ? stored : config.data.label;
}

NumberedExamples make_examples(RecordFile file, const std::string& name, const std::vector<std::string>& targets,
                               const TextExamplesMaker& maker) {
  std::vector<Record> rows;
  NumberedExamples examples;
  for (Record& record : file.records) {
    if (record.numbers.empty()) {
      ++examples.num_skipped;
      continue;
    }
    examples.numbers.insert(examples.numbers.end(), record.numbers.begin(), record.numbers.end());
    rows.push_back(std::move(record));
  }
  if (rows.empty()) throw DataError(file.path + ": no row has a number in every column of data.label");
  maker.fill(examples, file, rows, {}, name);
  examples.targets = targets;
  return examples;
}

// Mean and standard deviation of the training numbers, over the examples as numpy's std has it.
TargetScale standardizing_scale(const NumberedExamples& training, const std::vector<std::string>& columns) {
  TargetScale scale = TargetScale::none(columns.size());
  for (std::size_t target = 0; target < columns.size(); ++target) {
    const std::vector<double> numbers = training.of_target(target);
    ExactSum sum;
    for (const double number : numbers) sum.add(number);
    const double mean = sum.value() / static_cast<double>(numbers.size());
    ExactSum squares;
    for (const double number : numbers) squares.add((number - mean) * (number - mean));
    const double deviation = std::sqrt(squares.value() / static_cast<double>(numbers.size()));
    if (deviation == 0.0)
      throw DataError(training.path + ": all training numbers of column " + quote(columns[target]) +
                      " are equal, so there is nothing to learn; is the column the right one?");
    scale.mean[target] = mean;
    scale.deviation[target] = deviation;
  }
  return scale;
}

class RegressionTask : public TextTaskOf<NumberedExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& model_config,
                 std::int64_t num_threads, EventSink& events) override {
    targets_ = target_names(config, model_config);
    policy_ = config.model.head;
    RecordColumns columns = RecordColumns::from(config.data);
    columns.label_form = LabelForm::kNumbers;
    const TextExamplesMaker maker(config, tokenizer, num_threads, events);
    data_ = map_parts(read_record_parts(config, columns), [&](RecordFile file, const std::string& name) {
      return make_examples(std::move(file), name, targets_, maker);
    });
    const TargetScale standardizing = standardizing_scale(data_.training, config.data.label);
    is_scaled_ = config.data.task.regression.standardize;
    scale_ = is_scaled_ ? standardizing : TargetScale::none(targets_.size());
    objective_.emplace(targets_, scale_, config.training.task.regression);
  }

  void complete(LoadRequest& request) const override {
    request.labels = targets_;
    request.policy = policy_;
    request.problem_type = "regression";
  }
  void adapt(Model& model, const Tokenizer& tokenizer) const override {
    TextTaskOf::adapt(model, tokenizer);
    model.remove_config("target_mean");
    model.remove_config("target_deviation");
    if (!is_scaled_) return;
    model.set_config("target_mean", scale_.mean);
    model.set_config("target_deviation", scale_.deviation);
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    return std::make_unique<RegressionBatch>(
        objective_->make_batch(data_.training.texts(), micro_batch.examples, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    return objective_->loss(model, static_cast<const RegressionBatch&>(batch));
  }

  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "text-classification";
    card.kind = "A model of regression over texts fine-tuned";
    card.unit = "rows";
    card.data_notes = "Numbers, in the order of the outputs:";
    for (std::size_t target = 0; target < targets_.size(); ++target) {
      card.data_notes += (target == 0 ? " `" : ", `") + targets_[target] + "`";
      if (is_scaled_)
        card.data_notes += " (mean " + short_number(scale_.mean[target]) + ", standard deviation " +
                           short_number(scale_.deviation[target]) + ")";
    }
    card.data_notes += is_scaled_
                           ? ". The weights give standardised numbers; llmtool undoes it, in other tools multiply "
                             "by target_deviation and add target_mean of config.json."
                           : ".";
    card.shell_example = "echo \"some text\" | llmtool predict . --input - --format text";
    card.python_example =
        "from transformers import pipeline\n\npipeline(\"text-classification\", model=\".\", "
        "function_to_apply=\"none\")(\"some text\")";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const NumberedExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const auto name = [&](std::int64_t example) { return examples.describe(example); };
    return objective_->evaluate(model, examples.texts(), options, what, events, name).report;
  }

 private:
  std::vector<std::string> targets_;
  HeadPolicy policy_ = HeadPolicy::kAuto;
  bool is_scaled_ = false;
  TargetScale scale_;
  std::optional<RegressionObjective> objective_;  // once the data is read
};

}  // namespace

std::unique_ptr<Task> make_regression_task() { return std::make_unique<RegressionTask>(); }

}  // namespace llmtool
