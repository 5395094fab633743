#include "llmtool/tasks/language_modeling/objective.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/batch_order.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/kernels/vocabulary_loss.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/language_model_heads.h"

namespace llmtool {
namespace {

at::Tensor int64_tensor(const std::vector<std::int64_t>& values, c10::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

// int64 [tokens]; undefined when every token has type 0.
at::Tensor type_ids(std::span<const LanguageModelExample> examples, c10::Device device) {
  std::vector<std::int64_t> types;
  bool has_types = false;
  for (const auto& [sequence, targets] : examples) {
    has_types = has_types || !sequence.type_ids.empty();
    if (sequence.type_ids.empty()) {
      types.resize(types.size() + sequence.ids.size(), 0);
    } else {
      types.insert(types.end(), sequence.type_ids.begin(), sequence.type_ids.end());
    }
  }
  return has_types ? int64_tensor(types, device) : at::Tensor();
}

at::Tensor pair_labels(std::span<const LanguageModelExample> examples, c10::Device device) {
  std::vector<std::int64_t> labels;
  for (const auto& [sequence, targets] : examples)
    if (sequence.pair_label) labels.push_back(*sequence.pair_label);
  return labels.size() == examples.size() ? int64_tensor(labels, device) : at::Tensor();
}

constexpr const char* kTokenLoss = "tokens";
constexpr const char* kPairLoss = "pairs";
// No epoch of training has this number, so evaluation hides other tokens than any of them, always the same.
constexpr std::int64_t kEvaluationEpoch = std::int64_t{1} << 22;

// [targets, embedding]: only the rows that predict go through the head.
at::Tensor features_of(const Model& model, const ModelOutput& output, const LanguageModelBatch& batch) {
  return model.head<LanguageModelHead>().features(output.last_hidden_state.index_select(0, batch.rows));
}

// Which example of a batch its `target`-th predicted token is of.
std::size_t example_of(const std::vector<LanguageModelExample>& examples, std::int64_t target) {
  std::size_t example = 0;
  for (; target >= static_cast<std::int64_t>(examples[example].targets.size()); ++example)
    target -= static_cast<std::int64_t>(examples[example].targets.size());
  return example;
}

// `where` names what the i-th is part of.
void require_finite_loss(double loss, std::int64_t i, const ExampleName& where) {
  if (!std::isfinite(loss))
    throw NonFiniteError(where(i) + ": the model returned NaN or infinity; its weights are probably damaged");
}

void add_tokens(const Model& model, const ModelOutput& output, const LanguageModelBatch& batch,
                const ExampleName& where, TokenScores& scores) {
  const auto [weight, bias] = model.head<LanguageModelHead>().projection();
  const VocabularyJudgement judgement = judge_targets(features_of(model, output, batch), weight, bias, batch.targets);
  const at::Tensor losses = judgement.negative_log_likelihood.to(at::kCPU);
  const at::Tensor is_top = judgement.is_top.to(at::kCPU);
  const at::Tensor targets = batch.targets.to(at::kCPU);
  for (std::int64_t i = 0; i < targets.size(0); ++i) {
    const float loss = losses.const_data_ptr<float>()[i];
    require_finite_loss(loss, i, where);
    scores.add(targets.const_data_ptr<std::int64_t>()[i], loss, is_top.const_data_ptr<bool>()[i]);
  }
}

void add_pairs(const Model& model, const ModelOutput& output, const LanguageModelBatch& batch, const ExampleName& where,
               LanguageModelScores& scores) {
  const at::Tensor logits = model.head<SentencePairHead>().forward(output.pooled);
  const at::Tensor losses =
      at::cross_entropy_loss(logits, batch.pair_labels, {}, at::Reduction::None).to(at::kCPU, at::kDouble);
  for (std::int64_t i = 0; i < losses.size(0); ++i) {
    require_finite_loss(losses.const_data_ptr<double>()[i], i, where);
    scores.pair_loss.add(losses.const_data_ptr<double>()[i], 1.0);
  }
  scores.num_right_pairs += logits.argmax(1).eq(batch.pair_labels).sum().item<std::int64_t>();
}

// The tokens that the rule draws its sample from.
void count_text(const SequenceSource& source, const TargetRule& rule, std::span<const std::int64_t> indices,
                std::unordered_map<std::int64_t, std::int64_t>& counts) {
  TokenSequence sequence;
  for (const std::int64_t index : indices) {
    source.fill(index, kEvaluationEpoch, sequence);
    for (const std::int32_t id : sequence.ids)
      if (rule.may_choose(id)) ++counts[id];
  }
}

std::vector<std::int64_t> counting(std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  return numbers;
}

ScoringPlan make_plan(const SequenceSource& source, const ScoringOptions& options) {
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = 0; i < source.num_sequences(); ++i) lengths.push_back(source.num_tokens(i, kEvaluationEpoch));
  return ScoringPlan(counting(source.num_sequences()), lengths, options.batch_size, options.max_tokens);
}

}  // namespace

LanguageModelExample make_example(const SequenceSource& source, const TargetRule& rule, std::int64_t index,
                                  std::int64_t epoch) {
  LanguageModelExample example;
  source.fill(index, epoch, example.sequence);
  example.targets = rule.apply(example.sequence, index, epoch);
  return example;
}

LanguageModelObjective::LanguageModelObjective(std::shared_ptr<const TargetRule> rule, bool is_causal, bool has_pairs)
    : rule_(std::move(rule)), is_causal_(is_causal), has_pairs_(has_pairs) {}

std::vector<LanguageModelExample> LanguageModelObjective::make_examples(const SequenceSource& source,
                                                                        std::span<const std::int64_t> indices,
                                                                        std::int64_t epoch) const {
  std::vector<LanguageModelExample> examples;
  examples.reserve(indices.size());
  for (const std::int64_t index : indices) examples.push_back(make_example(source, *rule_, index, epoch));
  return examples;
}

LanguageModelBatch LanguageModelObjective::make_batch(std::span<const LanguageModelExample> examples,
                                                      c10::Device device) const {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> lengths;
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> targets;
  for (const auto& [sequence, predicted] : examples) {
    const auto first_row = static_cast<std::int64_t>(ids.size());
    for (const PredictedToken& token : predicted) {
      rows.push_back(first_row + token.position);
      targets.push_back(token.target);
    }
    ids.insert(ids.end(), sequence.ids.begin(), sequence.ids.end());
    lengths.push_back(static_cast<std::int64_t>(sequence.ids.size()));
  }
  LanguageModelBatch batch(
      {int64_tensor(ids, device), type_ids(examples, device), SequenceLayout(std::move(lengths), device)});
  batch.num_rows = static_cast<std::int64_t>(ids.size());
  batch.denominators.push_back(static_cast<double>(targets.size()));
  if (has_pairs_) batch.denominators.push_back(static_cast<double>(examples.size()));
  batch.rows = int64_tensor(rows, device);
  batch.targets = int64_tensor(targets, device);
  batch.pair_labels = pair_labels(examples, device);
  return batch;
}

std::vector<LossTerm> LanguageModelObjective::loss(const Model& model, const LanguageModelBatch& batch) const {
  const ModelOutput output = model.forward(batch.input);
  const auto [weight, bias] = model.head<LanguageModelHead>().projection();
  std::vector<LossTerm> terms;
  terms.push_back({kTokenLoss, vocabulary_loss(features_of(model, output, batch), weight, bias, batch.targets)});
  if (has_pairs_)
    terms.push_back({kPairLoss, at::cross_entropy_loss(model.head<SentencePairHead>().forward(output.pooled),
                                                       batch.pair_labels, {}, at::Reduction::Sum)});
  return terms;
}

LanguageModelEvaluation LanguageModelObjective::evaluate(Model& model, const SequenceSource& source,
                                                         const TextSize& text, const ScoringOptions& options,
                                                         const std::string& what, EventSink& events) const {
  const EvaluationMode evaluation_mode(model);
  const at::NoGradGuard no_gradients;
  const c10::Device device = device_of(model);
  const ScoringPlan plan = make_plan(source, options);
  LanguageModelScores scores;
  scores.num_text_tokens = is_causal_ ? text.num_tokens + text.num_ends : 0;
  scores.num_bytes = is_causal_ ? text.num_bytes : 0;
  std::int64_t num_done = 0;
  for (std::int64_t index = 0; index < plan.num_batches(); ++index) {
    if (rule_->is_sample()) count_text(source, *rule_, plan.batch(index), scores.text_counts);
    const std::vector<LanguageModelExample> examples = make_examples(source, plan.batch(index), kEvaluationEpoch);
    const LanguageModelBatch batch = make_batch(examples, device);
    const ModelOutput output = model.forward(batch.input);
    const auto name = [&](std::size_t example) { return source.describe(plan.batch(index)[example]); };
    add_tokens(
        model, output, batch, [&](std::int64_t target) { return name(example_of(examples, target)); }, scores.tokens);
    if (has_pairs_)
      add_pairs(
          model, output, batch, [&](std::int64_t pair) { return name(static_cast<std::size_t>(pair)); }, scores);
    num_done += static_cast<std::int64_t>(plan.batch(index).size());
    events.progress(
        {.name = what, .done = num_done, .total = source.num_sequences(), .unit = "sequences", .detail = {}});
  }
  MetricReport report = make_report(scores);
  report.details["num_sequences"] = source.num_sequences();
  return {std::move(scores), std::move(report)};
}

MetricReport LanguageModelObjective::make_report(const LanguageModelScores& scores) const {
  MetricReport report;
  MetricValue loss = mean_loss(scores.tokens.negative_log_likelihood());
  const MetricValue pair_loss = mean_loss(scores.pair_loss);
  if (loss.value && pair_loss.value) *loss.value += *pair_loss.value;
  report.metrics.push_back({"loss", loss.value, loss.reason});
  for (const MetricRow& row : metric_table()) {
    const bool applies = row.record == RecordKind::kTokenScores ||
                         (row.record == RecordKind::kTextScores && is_causal_) ||
                         (row.record == RecordKind::kPairScores && has_pairs_);
    if (!applies) continue;
    const MetricValue value = std::get<LanguageModelMetric>(row.compute)(scores);
    report.metrics.push_back({std::string(row.name), value.value, value.reason});
  }
  report.details["num_predicted_tokens"] = scores.tokens.num_tokens();
  return report;
}

}  // namespace llmtool
