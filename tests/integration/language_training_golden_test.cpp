// Our trainer and language models together against transformers' Trainer.

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_run.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/language_modeling/objective.h"

namespace llmtool {
namespace {

using testing::fixture;

// The examples of a case: sequences in which what is hidden is hidden already, and what must be predicted of each.
class GoldenSequences : public SequenceSource, public TargetRule {
 public:
  explicit GoldenSequences(const Json& examples) {
    for (const Json& example : examples) {
      TokenSequence sequence;
      sequence.ids = example.at("input_ids").get<std::vector<std::int32_t>>();
      if (example.contains("pair_label")) {
        sequence.type_ids = example.at("token_type_ids").get<std::vector<std::int32_t>>();
        sequence.pair_label = example.at("pair_label").get<std::int64_t>();
      }
      std::vector<PredictedToken> targets;
      for (std::size_t i = 0; i < example.at("positions").size(); ++i)
        targets.push_back(
            {example.at("positions")[i].get<std::int64_t>(), example.at("targets")[i].get<std::int32_t>()});
      examples_.push_back({std::move(sequence), std::move(targets)});
    }
  }

  std::int64_t num_sequences() const override { return static_cast<std::int64_t>(examples_.size()); }
  std::int64_t num_tokens(std::int64_t index, std::int64_t) const override {
    return static_cast<std::int64_t>(at(index).sequence.ids.size());
  }
  void fill(std::int64_t index, std::int64_t, TokenSequence& sequence) const override { sequence = at(index).sequence; }
  std::string describe(std::int64_t index) const override { return std::to_string(index); }
  std::vector<PredictedToken> apply(TokenSequence&, std::int64_t index, std::int64_t) const override {
    return at(index).targets;
  }
  bool has_pairs() const { return examples_.front().sequence.pair_label.has_value(); }

 private:
  const LanguageModelExample& at(std::int64_t index) const { return examples_[static_cast<std::size_t>(index)]; }

  std::vector<LanguageModelExample> examples_;
};

class GoldenLanguageTrainable : public Trainable {
 public:
  GoldenLanguageTrainable(std::shared_ptr<const GoldenSequences> sequences, std::shared_ptr<Model> model)
      : sequences_(std::move(sequences)),
        model_(std::move(model)),
        objective_(sequences_, model_->head_kind() == HeadKind::kCausalLm, sequences_->has_pairs()) {
    model_->train();
    for (const NamedParameter& parameter : model_->trainable_parameters())
      parameters_.add(parameter.name, parameter.tensor, parameter.is_decayed);
  }

  std::int64_t num_examples() const override { return sequences_->num_sequences(); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override {
    return sequences_->num_tokens(example, epoch);
  }
  std::string describe_example(std::int64_t example) const override { return std::to_string(example); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& batch) override {
    const auto examples = objective_.make_examples(*sequences_, batch.examples, batch.epoch);
    return std::make_unique<LanguageModelBatch>(objective_.make_batch(examples, at::kCPU));
  }
  std::vector<LossTerm> loss(const Batch& batch) override {
    return objective_.loss(*model_, static_cast<const LanguageModelBatch&>(batch));
  }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink&) override { return {}; }
  void save_model(const std::filesystem::path& directory) const override { save_pretrained(*model_, directory); }
  void load_model(const std::filesystem::path& directory) override { load_weights(directory, *model_); }

 private:
  std::shared_ptr<const GoldenSequences> sequences_;
  std::shared_ptr<Model> model_;
  LanguageModelObjective objective_;
  ParameterStore parameters_;
};

void check_case(const std::string& name, HeadKind head) {
  INFO(name);
  const std::filesystem::path folder = fixture("language_training/" + name);
  const Json golden = read_json_file((folder / "case.json").string(), ExitCode::kInternal);
  LoadRequest request{.head = head};
  GoldenLanguageTrainable trainable(std::make_shared<GoldenSequences>(golden.at("examples")),
                                    load_model(folder / "model", request).model);
  testing::check_training(golden, folder / "after.safetensors", trainable);
}

TEST_CASE("Twenty steps of masked and causal language models give the losses and weights of transformers") {
  check_case("bert_masked_lm", HeadKind::kMaskedLm);
  check_case("bert_pretraining", HeadKind::kPretraining);
  check_case("gpt2_causal_lm", HeadKind::kCausalLm);
}

}  // namespace
}  // namespace llmtool
