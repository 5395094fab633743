#include "llmtool/tasks/contrastive/objective.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/inference/vector_steps.h"
#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

// Texts compared with all candidates at once: bounds the memory of an evaluation.
constexpr std::int64_t kRowsAtOnce = 512;

// `similarities` [texts, candidates], the counterpart of text i being candidate first + i.
void add_scores(const at::Tensor& similarities, std::int64_t first, RetrievalScores& scores) {
  const at::Tensor numbers = at::arange(first, first + similarities.size(0));
  const at::Tensor right = similarities.gather(1, numbers.unsqueeze(1));
  const at::Tensor losses = (similarities.logsumexp(1, /*keepdim=*/true) - right).to(at::kDouble).contiguous();
  // The right one counts as well: rank 1 when no other is as near.
  const at::Tensor ranks = similarities.ge(right).sum(1);
  for (std::int64_t row = 0; row < similarities.size(0); ++row)
    scores.add(losses.const_data_ptr<double>()[row], ranks.const_data_ptr<std::int64_t>()[row]);
}

MetricReport make_report(const RetrievalScores& scores, std::int64_t num_candidates) {
  MetricReport report;
  report.metrics = figures_of<RetrievalMetric>(RecordKind::kRetrievalScores, scores);
  const MetricValue loss = mean_loss(scores.loss());
  report.metrics.insert(report.metrics.begin(), {"loss", loss.value, loss.reason});
  report.details["num_examples"] = scores.num_queries();
  report.details["num_candidates"] = num_candidates;
  return report;
}

}  // namespace

at::Tensor ContrastiveObjective::embed(const Model& model, const ModelInput& input) const {
  return normalize_rows(pool_tokens(model.forward(input).last_hidden_state.to(at::kFloat), input.layout, pooling_));
}

MetricReport retrieval_report(const at::Tensor& texts, const at::Tensor& candidates, double temperature) {
  RetrievalScores scores;
  for (std::int64_t first = 0; first < texts.size(0); first += kRowsAtOnce) {
    const std::int64_t count = std::min(kRowsAtOnce, texts.size(0) - first);
    add_scores(at::matmul(texts.narrow(0, first, count), candidates.t()) / temperature, first, scores);
  }
  return make_report(scores, candidates.size(0));
}

ContrastiveBatch make_batch(const ContrastiveViews& views, std::span<const std::int64_t> rows, c10::Device device) {
  const auto pack = [&](const EncodedDataset& dataset) { return make_model_input(dataset, rows, device); };
  ContrastiveBatch batch(pack(*views.texts), pack(*views.counterparts));
  if (views.hard_negatives != nullptr) batch.hard_negatives = pack(*views.hard_negatives);
  batch.num_rows = batch.texts.layout.num_tokens() + batch.counterparts.layout.num_tokens();
  if (batch.hard_negatives) batch.num_rows += batch.hard_negatives->layout.num_tokens();
  batch.denominators = {static_cast<double>(rows.size())};
  return batch;
}

std::vector<LossTerm> ContrastiveObjective::loss(const Model& model, const ContrastiveBatch& batch) const {
  const at::Tensor texts = embed(model, batch.texts);
  at::Tensor candidates = embed(model, batch.counterparts);
  if (batch.hard_negatives) candidates = at::cat({candidates, embed(model, *batch.hard_negatives)});
  const at::Tensor similarities = at::matmul(texts, candidates.t()) / temperature_;
  const at::Tensor right = at::arange(texts.size(0), similarities.options().dtype(at::kLong));
  return {{"contrastive", at::cross_entropy_loss(similarities, right, {}, at::Reduction::Sum)}};
}

at::Tensor ContrastiveObjective::embed_all(const Model& model, const EncodedDataset& dataset,
                                           const ScoringOptions& options, const std::string& what, EventSink& events,
                                           const ExampleName& name) const {
  const std::int64_t width = model.dimensions().hidden_size;
  const ScoreTable table = score_dataset(
      dataset, width, options, device_of(model), [&](const ModelInput& input) { return embed(model, input); },
      [&](std::int64_t num_done) {
        events.progress(
            {.name = what, .done = num_done, .total = dataset.num_features(), .unit = "texts", .detail = {}});
      });
  at::Tensor vectors = at::empty({table.num_examples(), width});
  for (std::int64_t row = 0; row < table.num_examples(); ++row) {
    judge_example(name, row, [&] { require_finite_vector(table.row(row)); });
    std::ranges::copy(table.row(row), vectors.mutable_data_ptr<float>() + row * width);
  }
  return vectors;
}

MetricReport ContrastiveObjective::evaluate(Model& model, const ContrastiveViews& views, const ScoringOptions& options,
                                            const std::string& what, EventSink& events, const ExampleName& name) const {
  const EvaluationMode evaluation_mode(model);
  const at::NoGradGuard no_gradients;
  const at::Tensor texts = embed_all(model, *views.texts, options, what, events, name);
  at::Tensor candidates =
      views.counterparts == views.texts ? texts : embed_all(model, *views.counterparts, options, what, events, name);
  if (views.hard_negatives != nullptr)
    candidates = at::cat({candidates, embed_all(model, *views.hard_negatives, options, what, events, name)});
  return retrieval_report(texts, candidates, temperature_);
}

}  // namespace llmtool
