#include "llmtool/tasks/classification/session.h"

#include <cmath>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {
namespace {

constexpr const char* kSingleLabel = "single_label_classification";

// Softmax over scores that mean something else would be a number without sense.
void require_single_label(const TextScorer& scorer, const std::string& file) {
  const Json& config = scorer.model()->config();
  const auto found = config.find("problem_type");
  if (found != config.end() && found->is_string() && *found != kSingleLabel)
    throw ModelError(file + ": the model is made for " + quote(found->get<std::string>()) +
                     ", not for one label per text");
  if (scorer.num_outputs() < 2)
    throw ModelError(file + ": the model has a single output, as for regression; classification needs two labels");
}

}  // namespace

ClassPrediction predict_class(std::span<const float> logits) {
  ClassPrediction prediction;
  prediction.probabilities = log_softmax(logits);
  for (double& probability : prediction.probabilities) probability = std::exp(probability);
  prediction.label = top_class(logits);
  return prediction;
}

ClassificationSession::ClassificationSession(TextScorer scorer)
    : TextScorer(std::move(scorer)), labels_(LabelSet(names())) {}

ClassificationSession ClassificationSession::load(const std::filesystem::path& directory,
                                                  const SessionOptions& options) {
  TextScorer scorer = TextScorer::load(directory, options);
  require_single_label(scorer, model_config_path(directory));
  return ClassificationSession(std::move(scorer));
}

std::unique_ptr<TextPredictor> make_label_predictor(const PredictorOptions& options) {
  ClassificationSession session = ClassificationSession::load(options.model, options.session);
  const auto read = [labels = session.labels()](std::span<const float> scores) -> std::vector<Json> {
    const ClassPrediction found = predict_class(scores);
    return {labels.name(found.label), found.probabilities[static_cast<std::size_t>(found.label)],
            values_by_name(labels.names(), found.probabilities)};
  };
  return make_score_predictor(std::move(session), {"predicted_label", "predicted_score", "scores"}, read);
}

}  // namespace llmtool
