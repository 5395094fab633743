#include "llmtool/tasks/classification/session.h"

#include <cmath>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/model_limits.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

constexpr const char* kSingleLabel = "single_label_classification";

// Softmax over scores that mean something else would be a number without sense.
void require_single_label(const Model& model, std::int64_t num_labels, const std::string& file) {
  const auto found = model.config().find("problem_type");
  if (found != model.config().end() && found->is_string() && *found != kSingleLabel)
    throw ModelError(file + ": the model is made for " + quote(found->get<std::string>()) +
                     "; only classification with one label per text is supported yet");
  if (num_labels < 2)
    throw ModelError(file + ": the model has a single output, as for regression; classification needs two labels");
}

class LabelPredictor : public TextPredictor {
 public:
  explicit LabelPredictor(ClassificationSession session) : session_(std::move(session)) {}

  std::vector<std::string> value_names() const override { return {"predicted_label", "predicted_score", "scores"}; }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    std::vector<TextPrediction> predictions;
    for (const Classification& found : session_.classify(texts))
      predictions.push_back(
          {{session_.labels().name(found.label), found.probabilities[static_cast<std::size_t>(found.label)],
            scores_by_name(session_.labels(), found.probabilities)},
           found.num_tokens,
           found.truncated});
    return predictions;
  }
  std::int64_t max_length() const override { return *session_.tokenizer_options().max_length; }
  std::string max_length_source() const override { return session_.max_length_source(); }
  std::vector<std::string> warnings() const override { return session_.warnings(); }

 private:
  ClassificationSession session_;
};

}  // namespace

ClassPrediction predict_class(std::span<const float> logits) {
  ClassPrediction prediction;
  prediction.probabilities = log_softmax(logits);
  for (double& probability : prediction.probabilities) probability = std::exp(probability);
  prediction.label = top_class(logits);
  return prediction;
}

Json scores_by_name(const LabelSet& labels, std::span<const double> probabilities) {
  Json scores = Json::object();
  for (std::int64_t id = 0; id < labels.size(); ++id)
    scores[labels.name(id)] = probabilities[static_cast<std::size_t>(id)];
  return scores;
}

ClassificationSession::ClassificationSession(std::shared_ptr<Model> model, LabelSet labels, Tokenizer tokenizer)
    : model_(std::move(model)), labels_(std::move(labels)), tokenizer_(std::move(tokenizer)) {}

ClassificationSession ClassificationSession::load(const std::filesystem::path& directory,
                                                  const SessionOptions& options) {
  require_model_directory(directory);
  Tokenizer tokenizer = Tokenizer::load(directory);
  std::shared_ptr<Model> model = load_model(directory, {.head = HeadKind::kSequenceClassification}).model;
  LabelSet labels(model->labels());
  require_single_label(*model, labels.size(), model_config_path(directory));
  const ModelDimensions dimensions = model->dimensions();
  TruncationChoice truncation = choose_truncation(directory, tokenizer, dimensions, options.max_length);

  ClassificationSession session(std::move(model), std::move(labels), std::move(tokenizer));
  set_up_for_inference(*session.model_, options);
  session.tokenizer_options_ = truncation.options;
  session.limits_ = embedding_limits(session.tokenizer_, directory, dimensions, session.model_->config());
  session.max_length_source_ = std::move(truncation.source);
  session.scoring_ = options.scoring;
  return session;
}

std::vector<Classification> ClassificationSession::classify(std::span<const TextInput> texts) const {
  if (texts.empty()) return {};
  const EncodedTexts encoded = encode_texts(tokenizer_, tokenizer_options_, texts, limits_);
  const ScoreTable logits = score_dataset(*model_, encoded.dataset, labels_.size(), scoring_);
  std::vector<Classification> results;
  results.reserve(texts.size());
  for (std::int64_t index = 0; index < logits.num_examples(); ++index) {
    const std::span<const float> row = logits.row(index);
    ClassPrediction prediction = predict_class(row);
    results.push_back({prediction.label, std::move(prediction.probabilities),
                       std::vector<float>(row.begin(), row.end()), encoded.num_tokens(index),
                       encoded.truncated[static_cast<std::size_t>(index)]});
  }
  return results;
}

std::unique_ptr<TextPredictor> make_label_predictor(const PredictorOptions& options) {
  return std::make_unique<LabelPredictor>(ClassificationSession::load(options.model, options.session));
}

}  // namespace llmtool
