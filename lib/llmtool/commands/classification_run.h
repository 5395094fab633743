#pragma once

#include <c10/core/Device.h>

#include "llmtool/commands/classification_data.h"
#include "llmtool/commands/prepared_task.h"
#include "llmtool/commands/run_tokenizer.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/classification.h"

namespace llmtool {

// A classification run as the trainer sees it. Data, config and tokenizer must outlive it.
class ClassificationTrainable : public RunTrainable {
 public:
  ClassificationTrainable(const RunConfig& config, const ClassificationData& data, const RunTokenizer& tokenizer,
                          std::shared_ptr<Model> model, c10::Device device);

  std::int64_t num_examples() const override { return data_.training.num_examples(); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe_example(std::int64_t example) const override;
  std::vector<double> loss_denominators(const MicroBatch& batch) const override;
  std::vector<LossTerm> loss(const MicroBatch& batch) override;
  // Data is in memory and encoded before the first step.
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
  MetricReport score(const EncodedSplit& split, EventSink& events);
  std::optional<MetricReport> score(const std::optional<EncodedSplit>& split, EventSink& events);

  const RunConfig& config_;
  const ClassificationData& data_;
  const RunTokenizer& tokenizer_;
  std::shared_ptr<Model> model_;
  ClassificationTask task_;
  ParameterStore parameters_;
  InputTotals input_totals_;
};

}  // namespace llmtool
