#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/inference/text_model.h"
#include "llmtool/inference/text_predictor.h"

namespace llmtool {

// What a model that scores texts says about some of them.
struct ScoredTexts {
  ScoreTable scores;                     // [texts, outputs]
  std::vector<std::int64_t> num_tokens;  // special tokens included, after truncation
  std::vector<bool> truncated;
};

// A model that scores whole texts; what the scores mean is the task's.
class TextScorer : public TextModel {
 public:
  // Throws as TextModel::load.
  static TextScorer load(const std::filesystem::path& directory, const SessionOptions& options = {});

  // The scores of a text depend on it alone. Throws DataError naming the text (from 1) that the tokenizer refuses.
  ScoredTexts score(std::span<const TextInput> texts) const;

  std::int64_t num_outputs() const { return static_cast<std::int64_t>(names_.size()); }
  // Of the outputs, as the model's id2label has them.
  const std::vector<std::string>& names() const { return names_; }

 private:
  explicit TextScorer(TextModel model);

  std::vector<std::string> names_;
};

// The values that the scores of a text stand for; throws NonFiniteError for scores that are no numbers.
using ReadScores = std::function<std::vector<Json>(std::span<const float>)>;

// Says about every text what `read` makes of its scores, a value for each of `value_names`.
std::unique_ptr<TextPredictor> make_score_predictor(TextScorer scorer, std::vector<std::string> value_names,
                                                    ReadScores read);

// {"name": value, …} in the order of the names.
Json values_by_name(const std::vector<std::string>& names, std::span<const double> values);

}  // namespace llmtool
