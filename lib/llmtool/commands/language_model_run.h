#pragma once

#include <c10/core/Device.h>

#include "llmtool/commands/language_model_data.h"
#include "llmtool/commands/prepared_task.h"
#include "llmtool/commands/run_tokenizer.h"
#include "llmtool/models/model.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/language_modeling.h"

namespace llmtool {

// The head a language-model task trains.
HeadKind head_kind(const RunConfig& config);

// A pretraining run as the trainer sees it. Data, config and tokenizer must outlive it.
class LanguageModelTrainable : public RunTrainable {
 public:
  LanguageModelTrainable(const RunConfig& config, const LanguageModelData& data, const RunTokenizer& run,
                         std::shared_ptr<Model> model, c10::Device device);

  std::int64_t num_examples() const override { return data_.training.sequences->num_sequences(); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe_example(std::int64_t example) const override;
  std::vector<double> loss_denominators(const MicroBatch& batch) const override;
  std::vector<LossTerm> loss(const MicroBatch& batch) override;
  InputTotals input_totals() const override { return input_totals_; }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink& events) override { return score(*data_.validation, events); }
  void save_model(const std::filesystem::path& directory) const override;
  void load_model(const std::filesystem::path& directory) override;

  EpochOrder epoch_order() const override;
  bool has_validation() const override { return data_.validation.has_value(); }
  std::optional<MetricReport> score_validation(EventSink& events) override { return score(data_.validation, events); }
  std::optional<MetricReport> score_test(EventSink& events) override { return score(data_.test, events); }
  Json counts() const override;
  TaskCard card() const override;

 private:
  MetricReport score(const LanguageModelSplit& split, EventSink& events);
  std::optional<MetricReport> score(const std::optional<LanguageModelSplit>& split, EventSink& events);

  const RunConfig& config_;
  const LanguageModelData& data_;
  const RunTokenizer& tokenizer_;
  std::shared_ptr<Model> model_;
  c10::Device device_;
  LanguageModelTask task_;
  ParameterStore parameters_;
  InputTotals input_totals_;
};

}  // namespace llmtool
