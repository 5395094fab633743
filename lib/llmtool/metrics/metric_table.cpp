#include "llmtool/metrics/metric_table.h"

#include <array>

#include "llmtool/metrics/classification_metrics.h"

namespace llmtool {

std::span<const MetricRow> metric_table() {
  constexpr auto kHigher = Direction::kHigherIsBetter;
  constexpr auto kLower = Direction::kLowerIsBetter;
  constexpr auto kScores = RecordKind::kClassScores;
  constexpr auto kEntities = RecordKind::kEntityScores;
  constexpr auto kTokens = RecordKind::kTokenScores;
  constexpr auto kLabels = RecordKind::kMultiLabelScores;
  constexpr auto kNumbers = RecordKind::kRegressionScores;
  constexpr auto kAnswers = RecordKind::kAnswerScores;
  constexpr auto kNullAnswers = RecordKind::kNullAnswerScores;
  static const std::array rows{
      MetricRow{"loss", kLower, RecordKind::kLoss, false, mean_loss, "Training objective on the evaluated examples."},
      MetricRow{"accuracy", kHigher, kScores, false, accuracy, "Share of examples labelled right."},
      MetricRow{"precision", kHigher, kScores, true, positive_precision, "Precision of the positive label."},
      MetricRow{"recall", kHigher, kScores, true, positive_recall, "Recall of the positive label."},
      MetricRow{"f1", kHigher, kScores, true, positive_f1, "F1 of the positive label."},
      MetricRow{"macro_f1", kHigher, kScores, false, macro_f1, "Mean F1 of the labels."},
      MetricRow{"macro_precision", kHigher, kScores, false, macro_precision, "Mean precision of the labels."},
      MetricRow{"macro_recall", kHigher, kScores, false, macro_recall, "Mean recall of the labels."},
      MetricRow{"micro_f1", kHigher, kScores, false, micro_f1, "F1 over all decisions; equals accuracy."},
      MetricRow{"weighted_f1", kHigher, kScores, false, weighted_f1, "F1 of the labels weighted by support."},
      MetricRow{"weighted_precision", kHigher, kScores, false, weighted_precision, "Precision weighted by support."},
      MetricRow{"weighted_recall", kHigher, kScores, false, weighted_recall, "Recall weighted by support."},
      MetricRow{"mcc", kHigher, kScores, false, matthews_correlation, "Matthews correlation coefficient."},
      MetricRow{"roc_auc", kHigher, kScores, false, roc_auc, "Area under the ROC curve, macro one-vs-rest."},
      MetricRow{"average_precision", kHigher, kScores, false, average_precision,
                "Area under the precision-recall curve: positive label of two, else macro one-vs-rest."},
      MetricRow{"log_loss", kLower, kScores, false, log_loss, "Mean negative log-probability of the gold label."},
      MetricRow{"brier", kLower, kScores, false, brier_score, "Mean squared error of the probabilities."},
      MetricRow{"ece", kLower, kScores, false, expected_calibration_error,
                "Expected calibration error, 15 equal-width bins of the top probability."},
      MetricRow{"entity_f1", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kMicro, EntityFigure::kF1>,
                "F1, over all entities."},
      MetricRow{"entity_precision", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kMicro, EntityFigure::kPrecision>,
                "Precision, over all entities."},
      MetricRow{"entity_recall", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kMicro, EntityFigure::kRecall>,
                "Recall, over all entities."},
      MetricRow{"entity_macro_f1", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kMacro, EntityFigure::kF1>,
                "F1, mean of the types."},
      MetricRow{"entity_macro_precision", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kMacro, EntityFigure::kPrecision>,
                "Precision, mean of the types."},
      MetricRow{"entity_macro_recall", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kMacro, EntityFigure::kRecall>,
                "Recall, mean of the types."},
      MetricRow{"entity_weighted_f1", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kWeighted, EntityFigure::kF1>,
                "F1, mean of the types weighted by support."},
      MetricRow{"entity_weighted_precision", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kWeighted, EntityFigure::kPrecision>,
                "Precision, mean of the types weighted by support."},
      MetricRow{"entity_weighted_recall", kHigher, kEntities, false,
                entity_metric<EntityMode::kDefault, EntityAverage::kWeighted, EntityFigure::kRecall>,
                "Recall, mean of the types weighted by support."},
      MetricRow{"strict_entity_f1", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kMicro, EntityFigure::kF1>,
                "F1, over all entities of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_precision", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kMicro, EntityFigure::kPrecision>,
                "Precision, over all entities of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_recall", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kMicro, EntityFigure::kRecall>,
                "Recall, over all entities of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_macro_f1", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kMacro, EntityFigure::kF1>,
                "F1, mean of the types of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_macro_precision", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kMacro, EntityFigure::kPrecision>,
                "Precision, mean of the types of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_macro_recall", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kMacro, EntityFigure::kRecall>,
                "Recall, mean of the types of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_weighted_f1", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kWeighted, EntityFigure::kF1>,
                "F1, mean of the types weighted by support of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_weighted_precision", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kWeighted, EntityFigure::kPrecision>,
                "Precision, mean of the types weighted by support of entities whose tags are legal throughout."},
      MetricRow{"strict_entity_weighted_recall", kHigher, kEntities, false,
                entity_metric<EntityMode::kStrict, EntityAverage::kWeighted, EntityFigure::kRecall>,
                "Recall, mean of the types weighted by support of entities whose tags are legal throughout."},
      MetricRow{"tag_accuracy", kHigher, kEntities, false, tag_accuracy, "Share of words with the right tag."},
      MetricRow{"perplexity", kLower, kTokens, false, perplexity,
                "exp(total negative log-likelihood / predicted tokens)."},
      MetricRow{"unigram_perplexity", kLower, kTokens, false, unigram_perplexity,
                "Perplexity of the best prediction without context, to compare with."},
      MetricRow{"token_accuracy", kHigher, kTokens, false, token_accuracy,
                "Share of predicted tokens that were the likeliest."},
      MetricRow{"bits_per_byte", kLower, RecordKind::kTextScores, false, bits_per_byte,
                "Negative log-likelihood of a text in bits over its bytes."},
      MetricRow{"pair_accuracy", kHigher, RecordKind::kPairScores, false, pair_accuracy,
                "Share of sentence pairs judged right."},
      MetricRow{"retrieval_accuracy", kHigher, RecordKind::kRetrievalScores, false, retrieval_accuracy,
                "Share of texts whose counterpart is the nearest of all."},
      MetricRow{"mean_reciprocal_rank", kHigher, RecordKind::kRetrievalScores, false, mean_reciprocal_rank,
                "Mean of 1 / rank of the counterpart among all."},
      MetricRow{"spearman_cosine", kHigher, RecordKind::kSimilarityScores, false, spearman_cosine,
                "Rank correlation of the cosines of pairs and their gold scores."},
      MetricRow{"pearson_cosine", kHigher, RecordKind::kSimilarityScores, false, pearson_cosine,
                "Linear correlation of the cosines of pairs and their gold scores."},
      MetricRow{"micro_f1", kHigher, kLabels, false, micro_multi_label_f1, "F1 over all decisions."},
      MetricRow{"micro_precision", kHigher, kLabels, false, micro_multi_label_precision,
                "Precision over all decisions."},
      MetricRow{"micro_recall", kHigher, kLabels, false, micro_multi_label_recall, "Recall over all decisions."},
      MetricRow{"macro_f1", kHigher, kLabels, false, macro_multi_label_f1, "Mean F1 of the labels."},
      MetricRow{"macro_precision", kHigher, kLabels, false, macro_multi_label_precision,
                "Mean precision of the labels."},
      MetricRow{"macro_recall", kHigher, kLabels, false, macro_multi_label_recall, "Mean recall of the labels."},
      MetricRow{"weighted_f1", kHigher, kLabels, false, weighted_multi_label_f1,
                "F1 of the labels weighted by support."},
      MetricRow{"weighted_precision", kHigher, kLabels, false, weighted_multi_label_precision,
                "Precision weighted by support."},
      MetricRow{"weighted_recall", kHigher, kLabels, false, weighted_multi_label_recall, "Recall weighted by support."},
      MetricRow{"samples_f1", kHigher, kLabels, false, samples_f1, "Mean F1 of the examples."},
      MetricRow{"samples_precision", kHigher, kLabels, false, samples_precision, "Mean precision of the examples."},
      MetricRow{"samples_recall", kHigher, kLabels, false, samples_recall, "Mean recall of the examples."},
      MetricRow{"subset_accuracy", kHigher, kLabels, false, subset_accuracy,
                "Share of examples with exactly the right labels."},
      MetricRow{"hamming_loss", kLower, kLabels, false, hamming_loss, "Share of decisions that are wrong."},
      MetricRow{"micro_jaccard", kHigher, kLabels, false, micro_jaccard,
                "Labels right over labels gold or predicted, of all decisions."},
      MetricRow{"macro_jaccard", kHigher, kLabels, false, macro_jaccard, "The same, mean of the labels."},
      MetricRow{"samples_jaccard", kHigher, kLabels, false, samples_jaccard, "The same, mean of the examples."},
      MetricRow{"micro_roc_auc", kHigher, kLabels, false, micro_roc_auc, "Area under the ROC curve of all decisions."},
      MetricRow{"macro_roc_auc", kHigher, kLabels, false, macro_roc_auc, "Mean area under the labels' ROC curves."},
      MetricRow{"micro_average_precision", kHigher, kLabels, false, micro_average_precision,
                "Area under the precision-recall curve of all decisions."},
      MetricRow{"macro_average_precision", kHigher, kLabels, false, macro_average_precision,
                "Mean area under the labels' precision-recall curves."},
      MetricRow{"ranking_loss", kLower, kLabels, false, label_ranking_loss,
                "Mean share of label pairs of an example that are ranked wrong."},
      MetricRow{"lrap", kHigher, kLabels, false, label_ranking_average_precision,
                "Label ranking average precision: share of an example's own labels among those ranked as high."},
      MetricRow{"coverage_error", kLower, kLabels, false, coverage_error,
                "Labels to take from the top to have all of an example's, on average."},
      MetricRow{"mse", kLower, kNumbers, false, mean_squared_error, "Mean squared error."},
      MetricRow{"rmse", kLower, kNumbers, false, root_mean_squared_error, "Root of the mean squared error."},
      MetricRow{"mae", kLower, kNumbers, false, mean_absolute_error, "Mean absolute error."},
      MetricRow{"r2", kHigher, kNumbers, false, r2_score, "Share of the variance that is explained."},
      MetricRow{"pearson", kHigher, kNumbers, false, pearson, "Linear correlation with the gold numbers."},
      MetricRow{"spearman", kHigher, kNumbers, false, spearman, "Rank correlation with the gold numbers."},
      MetricRow{"kendall", kHigher, kNumbers, false, kendall,
                "Kendall's tau-b: pairs of examples in the right order, less those in the wrong one."},
      MetricRow{"exact_match", kHigher, kAnswers, false, answer_exact_match,
                "Share of questions whose answer is right word for word, as SQuAD's script compares them."},
      MetricRow{"answer_f1", kHigher, kAnswers, false, answer_f1, "Mean F1 of the words of the answers."},
      MetricRow{"has_answer_exact_match", kHigher, kNullAnswers, false, has_answer_exact_match,
                "exact_match of the questions that have an answer."},
      MetricRow{"has_answer_f1", kHigher, kNullAnswers, false, has_answer_f1,
                "answer_f1 of the questions that have an answer."},
      MetricRow{"no_answer_accuracy", kHigher, kNullAnswers, false, no_answer_accuracy,
                "Share of the questions without an answer of which the model says so."},
      MetricRow{"best_exact_match", kHigher, kNullAnswers, false, best_exact_match,
                "exact_match with the null threshold that is best on the evaluated questions."},
      MetricRow{"best_answer_f1", kHigher, kNullAnswers, false, best_answer_f1,
                "answer_f1 with the null threshold that is best on the evaluated questions."},
  };
  return rows;
}

const MetricRow* find_metric(std::string_view name) {
  for (const MetricRow& row : metric_table())
    if (row.name == name) return &row;
  return nullptr;
}

std::vector<std::string> metric_names(RecordKind record) {
  std::vector<std::string> names;
  for (const MetricRow& row : metric_table())
    if (row.record == record) names.emplace_back(row.name);
  return names;
}

bool is_better(Direction direction, double candidate, double best) {
  return direction == Direction::kHigherIsBetter ? candidate > best : candidate < best;
}

}  // namespace llmtool
