#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/data/label_set.h"
#include "llmtool/inference/text_model.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"
#include "llmtool/tasks/token_classification/objective.h"

namespace llmtool {

// Every word of a sentence has one tag out of a fixed set.
std::unique_ptr<Task> make_token_classification_task();

// An entity found in a text.
struct FoundEntity {
  std::string type;
  double score = 0.0;  // mean probability of its words, or for kSimple of its tokens
  TextRange place;     // in the text
};

// A model that labels tokens.
class TokenClassificationSession : public TextModel {
 public:
  // Throws as TextModel::load, and ModelError for a scheme that is none.
  static TokenClassificationSession load(const std::filesystem::path& directory, const SessionOptions& options = {});

  const LabelSet& labels() const { return labels_; }
  // That of config.json (kTagSchemeKey), which runs of llmtool write, else that of the labels; `may_be_iob1` where
  // these leave it open.
  const LabelScheme& scheme() const { return scheme_; }

  // Sentences in windows, and the scores of their tokens. Errors name the sentence by its number, from 1.
  EncodedSentences encode(std::span<const TaggedSentence> sentences) const;
  TokenScoreTable score(const EncodedSentences& sentences) const;

 private:
  TokenClassificationSession(TextModel model, const std::string& config_file);

  LabelSet labels_;
  LabelScheme scheme_;
};

// The entities in the tokens of a sentence, in their order, as TokenClassificationPipeline of transformers finds them,
// which tells a word by its tokenizer: where that marks pieces that go on (##), a token that is as long as its part of
// the text begins one; else a token behind a space. Tags with other letters than B and I are read as find_entities()
// does, where the pipeline would take E-X for a type of its own. `text` is the sentence's, with its words joined by
// spaces.
std::vector<FoundEntity> entities_of_sentence(const TokenClassificationSession& session,
                                              const EncodedSentences& sentences, std::int64_t sentence,
                                              const TokenScoreTable& scores, std::string_view text,
                                              Aggregation aggregation, const WordTagger& tagger);

// Scores a file of tagged words. Throws DataError also for all unknown tags at once.
EvalResult evaluate_token_classifier(const EvalRequest& request, EventSink& events);

// Adds `entities` to every text: a list of {start, end, label, score, text}, in code points.
std::unique_ptr<TextPredictor> make_entity_predictor(const PredictorOptions& options);
// Tags given words.
std::unique_ptr<SentenceTagger> make_sentence_tagger(const PredictorOptions& options);

}  // namespace llmtool
