#include "llmtool/tasks/text_scorer.h"

#include <utility>

#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/model_limits.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

class ScorePredictor : public TextPredictor {
 public:
  ScorePredictor(TextScorer scorer, std::vector<std::string> value_names, ReadScores read)
      : scorer_(std::move(scorer)), value_names_(std::move(value_names)), read_(std::move(read)) {}

  std::vector<std::string> value_names() const override { return value_names_; }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    const ScoredTexts scored = scorer_.score(texts);
    std::vector<TextPrediction> predictions;
    for (std::size_t index = 0; index < texts.size(); ++index)
      predictions.push_back({read_(scored.scores.row(static_cast<std::int64_t>(index))), scored.num_tokens[index],
                             scored.truncated[index]});
    return predictions;
  }
  std::int64_t max_length() const override { return scorer_.max_length(); }
  std::string max_length_source() const override { return scorer_.max_length_source(); }
  std::vector<std::string> warnings() const override { return scorer_.warnings(); }

 private:
  TextScorer scorer_;
  std::vector<std::string> value_names_;
  ReadScores read_;
};

}  // namespace

TextScorer::TextScorer(std::shared_ptr<Model> model, Tokenizer tokenizer)
    : model_(std::move(model)), names_(model_->labels()), tokenizer_(std::move(tokenizer)) {}

TextScorer TextScorer::load(const std::filesystem::path& directory, const SessionOptions& options) {
  require_model_directory(directory);
  Tokenizer tokenizer = Tokenizer::load(directory);
  std::shared_ptr<Model> model = load_model(directory, {.head = HeadKind::kSequenceClassification}).model;
  const ModelDimensions dimensions = model->dimensions();
  TruncationChoice truncation = choose_truncation(directory, tokenizer, dimensions, options.max_length);

  TextScorer scorer(std::move(model), std::move(tokenizer));
  set_up_for_inference(*scorer.model_, options);
  scorer.tokenizer_options_ = truncation.options;
  scorer.limits_ = embedding_limits(scorer.tokenizer_, directory, dimensions, scorer.model_->config());
  scorer.max_length_source_ = std::move(truncation.source);
  scorer.scoring_ = options.scoring;
  return scorer;
}

ScoredTexts TextScorer::score(std::span<const TextInput> texts) const {
  if (texts.empty()) return {ScoreTable(0, num_outputs()), {}, {}};
  EncodedTexts encoded = encode_texts(tokenizer_, tokenizer_options_, texts, limits_);
  ScoredTexts scored{score_dataset(*model_, encoded.dataset, num_outputs(), scoring_), {}, {}};
  for (std::size_t index = 0; index < texts.size(); ++index)
    scored.num_tokens.push_back(encoded.num_tokens(static_cast<std::int64_t>(index)));
  scored.truncated = std::move(encoded.truncated);
  return scored;
}

std::unique_ptr<TextPredictor> make_score_predictor(TextScorer scorer, std::vector<std::string> value_names,
                                                    ReadScores read) {
  return std::make_unique<ScorePredictor>(std::move(scorer), std::move(value_names), std::move(read));
}

Json values_by_name(const std::vector<std::string>& names, std::span<const double> values) {
  Json object = Json::object();
  for (std::size_t index = 0; index < names.size(); ++index) object[names[index]] = values[index];
  return object;
}

}  // namespace llmtool
