#include "llmtool/tasks/text_scorer.h"

#include <utility>

#include "llmtool/inference/encoded_texts.h"

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

TextScorer::TextScorer(TextModel loaded) : TextModel(std::move(loaded)), names_(model()->labels()) {}

TextScorer TextScorer::load(const std::filesystem::path& directory, const SessionOptions& options) {
  return TextScorer(TextModel::load(directory, HeadKind::kSequenceClassification, options));
}

ScoredTexts TextScorer::score(std::span<const TextInput> texts) const {
  if (texts.empty()) return {ScoreTable(0, num_outputs()), {}, {}};
  EncodedTexts encoded = encode_texts(tokenizer(), tokenizer_options(), texts, limits());
  ScoredTexts scored{score_dataset(*model(), encoded.dataset, num_outputs(), scoring_options()), {}, {}};
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
