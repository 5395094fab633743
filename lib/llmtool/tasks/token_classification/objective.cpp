#include "llmtool/tasks/token_classification/objective.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <numeric>

#include "llmtool/core/errors.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/entity_scores.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

constexpr const char* kTokenLossName = "loss";
constexpr const char* kOutside = "O";
// As good as impossible, and still a number.
constexpr double kNever = -1e30;

double loss_of_token(std::span<const double> log_probabilities, std::int64_t label, double label_smoothing) {
  const double loss = -log_probabilities[static_cast<std::size_t>(label)];
  if (label_smoothing == 0.0) return loss;
  const double sum = std::accumulate(log_probabilities.begin(), log_probabilities.end(), 0.0);
  return (1.0 - label_smoothing) * loss - label_smoothing * sum / static_cast<double>(log_probabilities.size());
}

void add_sentence(std::span<const std::string> gold, std::span<const std::string> predicted, TagScheme scheme,
                  EntityScores& scores) {
  add_entities<Entity>(find_entities(gold), find_entities(predicted), scores.entities);
  add_entities<Entity>(find_strict_entities(gold, scheme), find_strict_entities(predicted, scheme), scores.strict);
  scores.num_words += static_cast<std::int64_t>(gold.size());
  for (std::size_t word = 0; word < gold.size(); ++word) scores.num_right_words += gold[word] == predicted[word];
}

}  // namespace

WordTagger::WordTagger(const LabelSet& labels, std::optional<TagScheme> scheme) : labels_(labels) {
  if (scheme) paths_.emplace(labels.names(), *scheme);
}

std::vector<std::int64_t> WordTagger::decode(std::span<const double> log_probabilities) const {
  if (paths_) {
    if (auto path = paths_->best(log_probabilities)) return *path;
    throw ModelError("the labels of the model have no sequence of " +
                     std::to_string(log_probabilities.size() / static_cast<std::size_t>(labels_.size())) +
                     " tags that is legal in their scheme; decode without viterbi");
  }
  std::vector<std::int64_t> best;
  const auto width = static_cast<std::size_t>(labels_.size());
  for (std::size_t begin = 0; begin < log_probabilities.size(); begin += width) {
    const auto row = log_probabilities.subspan(begin, width);
    best.push_back(std::ranges::max_element(row) - row.begin());
  }
  return best;
}

std::vector<std::string> WordTagger::tags(const EncodedSentences& sentences, std::int64_t sentence,
                                          const TokenScoreTable& scores) const {
  const std::span<const Piece> pieces = sentences.pieces.row(sentence);
  const std::span<const std::int32_t> first_pieces = sentences.first_pieces.row(sentence);
  const auto outside = labels_.find(kOutside);
  std::vector<double> rows;
  std::vector<std::size_t> words;  // of the rows
  for (std::size_t word = 0; word < first_pieces.size(); ++word) {
    if (first_pieces[word] >= 0) {
      const Piece& piece = pieces[static_cast<std::size_t>(first_pieces[word])];
      const std::vector<double> row = log_softmax(scores.token(piece.feature, piece.token));
      rows.insert(rows.end(), row.begin(), row.end());
    } else if (outside) {
      rows.insert(rows.end(), static_cast<std::size_t>(labels_.size()), kNever);
      rows[rows.size() - static_cast<std::size_t>(labels_.size() - *outside)] = 0.0;
    } else {
      continue;
    }
    words.push_back(word);
  }
  std::vector<std::string> tags(first_pieces.size(), kOutside);
  const std::vector<std::int64_t> labels = decode(rows);
  for (std::size_t i = 0; i < words.size(); ++i) tags[words[i]] = labels_.name(labels[i]);
  return tags;
}

TokenClassificationObjective::TokenClassificationObjective(LabelSet labels, TagScheme scheme, bool viterbi,
                                                           double label_smoothing)
    : labels_(std::move(labels)),
      scheme_(scheme),
      label_smoothing_(label_smoothing),
      tagger_(labels_, viterbi ? std::optional(scheme) : std::nullopt) {}

TokenClassificationBatch TokenClassificationObjective::make_batch(const EncodedDataset& dataset,
                                                                  const RaggedColumn<std::int64_t>& targets,
                                                                  std::span<const std::int64_t> features,
                                                                  c10::Device device) const {
  TokenClassificationBatch batch(make_model_input(dataset, features, device));
  for (const std::int64_t feature : features) {
    const std::span<const std::int64_t> row = targets.row(feature);
    batch.labels.insert(batch.labels.end(), row.begin(), row.end());
  }
  const auto num_ignored = std::ranges::count(batch.labels, kIgnored);
  batch.denominators = {static_cast<double>(static_cast<std::ptrdiff_t>(batch.labels.size()) - num_ignored)};
  batch.num_rows = batch.input.layout.num_tokens();
  return batch;
}

std::vector<LossTerm> TokenClassificationObjective::loss(const Model& model,
                                                         const TokenClassificationBatch& batch) const {
  const at::Tensor logits = token_logits(model, batch.input).to(at::kFloat);
  const at::Tensor targets = at::tensor(batch.labels, at::kLong).to(logits.device());
  return {
      {kTokenLossName, at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum, kIgnored, label_smoothing_)}};
}

LossSum TokenClassificationObjective::sum_of_losses(const GoldSentences& gold, const TokenScoreTable& scores,
                                                    const ExampleName& name) const {
  LossSum loss;
  for (std::int64_t feature = 0; feature < gold.targets.size(); ++feature) {
    const std::span<const std::int64_t> targets = gold.targets.row(feature);
    for (std::size_t token = 0; token < targets.size(); ++token) {
      if (targets[token] == kIgnored) continue;
      judge_example(name, gold.encoded.dataset.example_id(feature), [&] {
        const std::vector<double> row = log_softmax(scores.token(feature, static_cast<std::int64_t>(token)));
        loss.add(loss_of_token(row, targets[token], label_smoothing_), 1.0);
      });
    }
  }
  return loss;
}

TokenClassificationEvaluation TokenClassificationObjective::evaluate(Model& model, const GoldSentences& gold,
                                                                     const ScoringOptions& options,
                                                                     const std::string& what, EventSink& events,
                                                                     const ExampleName& name) const {
  const EvaluationMode evaluation_mode(model);
  const EncodedDataset& dataset = gold.encoded.dataset;
  const auto report_progress = [&](std::int64_t num_done) {
    events.progress({.name = what, .done = num_done, .total = dataset.num_features(), .unit = "windows", .detail = {}});
  };
  const TokenScoreTable scores = score_tokens(model, dataset, labels_.size(), options, report_progress);
  TokenClassificationEvaluation evaluation;
  EntityScores entities;
  for (std::size_t i = 0; i < gold.sentences.size(); ++i) {
    const auto sentence = static_cast<std::int64_t>(i);
    judge_example(name, sentence, [&] { evaluation.tags.push_back(tagger_.tags(gold.encoded, sentence, scores)); });
    add_sentence(gold.sentences[i].tags, evaluation.tags.back(), scheme_, entities);
  }
  evaluation.report = entity_report(entities);
  const MetricValue loss = mean_loss(sum_of_losses(gold, scores, name));
  evaluation.report.metrics.insert(evaluation.report.metrics.begin(), {kTokenLossName, loss.value, loss.reason});
  return evaluation;
}

}  // namespace llmtool
