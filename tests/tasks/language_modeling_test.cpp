#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "llmtool/core/random.h"
#include "llmtool/models/language_model_heads.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/language_modeling/objective.h"

namespace llmtool {
namespace {

constexpr std::int32_t kMask = 4;
constexpr std::int32_t kVocabularySize = 50;

// Random sequences of different lengths, as pairs when asked for.
class RandomSequences : public SequenceSource {
 public:
  explicit RandomSequences(bool has_pairs) : has_pairs_(has_pairs) {}

  std::int64_t num_sequences() const override { return 23; }
  std::int64_t num_tokens(std::int64_t index, std::int64_t) const override { return 3 + index % 11; }
  void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const override {
    const CounterRandom random(9, static_cast<std::uint64_t>(index));
    sequence = {};
    for (std::int64_t i = 0; i < num_tokens(index, epoch); ++i)
      sequence.ids.push_back(
          static_cast<std::int32_t>(5 + random.below(kVocabularySize - 5, static_cast<std::uint64_t>(i))));
    if (!has_pairs_) return;
    sequence.type_ids.assign(sequence.ids.size(), 1);
    sequence.type_ids.front() = 0;
    sequence.pair_label = index % 2;
  }
  std::string describe(std::int64_t index) const override { return std::to_string(index); }

 private:
  bool has_pairs_;
};

// Hides every third token, starting at the epoch.
class ThirdTokenRule : public TargetRule {
 public:
  std::vector<PredictedToken> apply(TokenSequence& sequence, std::int64_t, std::int64_t epoch) const override {
    std::vector<PredictedToken> targets;
    const auto length = static_cast<std::int64_t>(sequence.ids.size());
    for (std::int64_t i = epoch % 3; i < length; i += 3)
      targets.push_back({i, std::exchange(sequence.ids[static_cast<std::size_t>(i)], kMask)});
    return targets;
  }
};

std::shared_ptr<Model> tiny_bert(HeadKind head) {
  const Json config = {{"model_type", "bert"},          {"vocab_size", kVocabularySize}, {"hidden_size", 32},
                       {"num_hidden_layers", 2},        {"num_attention_heads", 2},      {"intermediate_size", 64},
                       {"max_position_embeddings", 16}, {"type_vocab_size", 2},          {"initializer_range", 0.3}};
  return draw_model(config, "test", head, 3);
}

std::shared_ptr<Model> tiny_gpt2() {
  const Json config = {
      {"model_type", "gpt2"}, {"vocab_size", kVocabularySize}, {"n_positions", 16}, {"n_embd", 32}, {"n_layer", 2},
      {"n_head", 2},          {"initializer_range", 0.3}};
  return draw_model(config, "test", HeadKind::kCausalLm, 3);
}

LanguageModelEvaluation evaluate(const LanguageModelObjective& task, Model& model, const SequenceSource& source,
                                 std::int64_t batch_size, std::int64_t max_tokens = 8192) {
  ScoringOptions options;
  options.batch_size = batch_size;
  options.max_tokens = max_tokens;
  return task.evaluate(model, source, {1000, 4000}, options, "evaluating", silent_events());
}

double figure(const LanguageModelEvaluation& evaluation, std::string_view name) {
  const Metric* metric = evaluation.report.find(name);
  REQUIRE(metric != nullptr);
  REQUIRE(metric->value.has_value());
  return *metric->value;
}

// Total negative log-likelihood of each token from those before it, sequence by sequence, from the full logits.
std::pair<double, std::int64_t> likelihood_by_hand(const Model& model, const SequenceSource& source) {
  const at::NoGradGuard no_gradients;
  double total = 0.0;
  std::int64_t num_tokens = 0;
  for (std::int64_t index = 0; index < source.num_sequences(); ++index) {
    LanguageModelExample example;
    source.fill(index, 0, example.sequence);
    const auto length = static_cast<std::int64_t>(example.sequence.ids.size());
    const LanguageModelBatch batch = LanguageModelObjective(std::make_shared<NextTokenRule>(), true, false)
                                         .make_batch(std::span(&example, 1), at::kCPU);
    const at::Tensor logits = model.head<LanguageModelHead>().logits(model.forward(batch.input).last_hidden_state);
    total += at::cross_entropy_loss(logits.narrow(0, 0, length - 1), batch.input.input_ids.narrow(0, 1, length - 1), {},
                                    at::Reduction::Sum)
                 .item<double>();
    num_tokens += length - 1;
  }
  return {total, num_tokens};
}

TEST_CASE("Perplexity is exp of the total negative log-likelihood over the predicted tokens") {
  const auto model = tiny_gpt2();
  const RandomSequences source(false);
  const LanguageModelObjective task(std::make_shared<NextTokenRule>(), true, false);
  const auto [total, num_tokens] = likelihood_by_hand(*model, source);
  const LanguageModelEvaluation evaluation = evaluate(task, *model, source, 4);
  CHECK(figure(evaluation, "perplexity") == Approx(std::exp(total / static_cast<double>(num_tokens))).epsilon(1e-5));
  CHECK(evaluation.report.details.at("num_predicted_tokens") == num_tokens);
  // 1000 tokens of 4000 bytes.
  CHECK(figure(evaluation, "bits_per_byte") ==
        Approx(total / static_cast<double>(num_tokens) / std::log(2.0) / 4.0).epsilon(1e-5));
}

TEST_CASE("The figures of a language model do not depend on the batches") {
  const auto causal = tiny_gpt2();
  const auto masked = tiny_bert(HeadKind::kPretraining);
  const LanguageModelObjective next(std::make_shared<NextTokenRule>(), true, false);
  const LanguageModelObjective hidden(std::make_shared<ThirdTokenRule>(), false, true);
  const auto causal_one = evaluate(next, *causal, RandomSequences(false), 1);
  const auto masked_one = evaluate(hidden, *masked, RandomSequences(true), 1);
  for (const auto& [batch_size, max_tokens] : {std::pair(7, 8192), std::pair(64, 8192), std::pair(64, 20)}) {
    const auto causal_many = evaluate(next, *causal, RandomSequences(false), batch_size, max_tokens);
    const auto masked_many = evaluate(hidden, *masked, RandomSequences(true), batch_size, max_tokens);
    for (const char* name : {"loss", "perplexity", "unigram_perplexity", "token_accuracy", "bits_per_byte"})
      CHECK(figure(causal_many, name) == Approx(figure(causal_one, name)).epsilon(1e-6));
    for (const char* name : {"loss", "perplexity", "unigram_perplexity", "token_accuracy", "pair_accuracy"})
      CHECK(figure(masked_many, name) == Approx(figure(masked_one, name)).epsilon(1e-6));
  }
}

TEST_CASE("Only what applies to the objective is reported, and the loss is the sum of its terms") {
  const auto model = tiny_bert(HeadKind::kPretraining);
  const RandomSequences source(true);
  const LanguageModelObjective task(std::make_shared<ThirdTokenRule>(), false, true);
  const LanguageModelEvaluation evaluation = evaluate(task, *model, source, 8);
  CHECK(evaluation.report.find("bits_per_byte") == nullptr);
  const double token_loss = std::log(figure(evaluation, "perplexity"));
  const double pair_loss = *mean_loss(evaluation.scores.pair_loss).value;
  CHECK(figure(evaluation, "loss") == Approx(token_loss + pair_loss));
  const LanguageModelObjective without_pairs(std::make_shared<ThirdTokenRule>(), false, false);
  CHECK(evaluate(without_pairs, *tiny_bert(HeadKind::kMaskedLm), RandomSequences(false), 8)
            .report.find("pair_accuracy") == nullptr);
}

TEST_CASE("The loss of a batch has a term for tokens and one for pairs, over known denominators") {
  const auto model = tiny_bert(HeadKind::kPretraining);
  const RandomSequences source(true);
  const LanguageModelObjective task(std::make_shared<ThirdTokenRule>(), false, true);
  const std::vector<std::int64_t> indices{0, 5, 11};
  const auto examples = task.make_examples(source, indices, 0);
  const LanguageModelBatch batch = task.make_batch(examples, at::kCPU);
  const auto terms = task.loss(*model, batch);
  REQUIRE(terms.size() == 2);
  CHECK(terms[0].name == "tokens");
  CHECK(terms[1].name == "pairs");
  CHECK(batch.denominators == std::vector<double>{static_cast<double>(batch.targets.size(0)), 3.0});
  CHECK(terms[0].sum.requires_grad());
  const auto other_epoch = task.make_examples(source, indices, 1);
  CHECK(other_epoch[1].targets.front().position != examples[1].targets.front().position);
}

TEST_CASE("Evaluating leaves the model in the mode it was in") {
  const auto model = tiny_gpt2();
  const LanguageModelObjective task(std::make_shared<NextTokenRule>(), true, false);
  model->train();
  evaluate(task, *model, RandomSequences(false), 8);
  CHECK(model->is_training());
  model->eval();
  evaluate(task, *model, RandomSequences(false), 8);
  CHECK_FALSE(model->is_training());
}

}  // namespace
}  // namespace llmtool
