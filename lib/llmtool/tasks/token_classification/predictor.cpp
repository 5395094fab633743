#include <algorithm>
#include <cmath>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/token_classification/task.h"

namespace llmtool {
namespace {

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> characters;
  for (std::size_t at = 0; at < text.size();) characters.push_back(decode_utf8(text, at));
  return characters;
}

std::string part_of(const std::vector<char32_t>& text, TextRange place) {
  std::string part;
  for (std::int64_t i = place.begin; i < place.end; ++i) append_utf8(text[static_cast<std::size_t>(i)], part);
  return part;
}

// Whether a piece goes on the word before it, by the rule of transformers.
bool goes_on(const Piece& piece, const Tokenizer& tokenizer, const std::vector<char32_t>& text) {
  if (piece.id == tokenizer.unk_id()) return false;
  if (tokenizer.marks_continuations())
    return static_cast<std::int64_t>(count_code_points(tokenizer.token(piece.id))) !=
           piece.place.end - piece.place.begin;
  if (piece.place.begin == 0) return false;
  const auto begin = static_cast<std::size_t>(piece.place.begin);
  return text[begin - 1] != U' ' && (begin == text.size() || text[begin] != U' ');
}

using Probabilities = std::vector<double>;

std::vector<Probabilities> probabilities_of(std::span<const Piece> pieces, const TokenScoreTable& scores) {
  std::vector<Probabilities> rows;
  for (const Piece& piece : pieces) {
    rows.push_back(log_softmax(scores.token(piece.feature, piece.token)));
    for (double& value : rows.back()) value = std::exp(value);
  }
  return rows;
}

double largest(const Probabilities& row) { return *std::ranges::max_element(row); }

Probabilities mean_of(std::span<const Probabilities> rows) {
  Probabilities mean(rows.front().size());
  for (const Probabilities& row : rows)
    for (std::size_t label = 0; label < row.size(); ++label) mean[label] += row[label];
  for (double& value : mean) value /= static_cast<double>(rows.size());
  return mean;
}

Probabilities aggregated(std::span<const Probabilities> rows, Aggregation aggregation) {
  if (aggregation == Aggregation::kAverage) return mean_of(rows);
  if (aggregation == Aggregation::kMax)
    return *std::ranges::max_element(
        rows, [](const Probabilities& left, const Probabilities& right) { return largest(left) < largest(right); });
  return rows.front();
}

// Tokens that are given one tag.
struct Unit {
  Probabilities probabilities;
  TextRange place;
};

std::vector<Unit> units_of(std::span<const Piece> pieces, const TokenScoreTable& scores, const Tokenizer& tokenizer,
                           const std::vector<char32_t>& text, Aggregation aggregation) {
  const std::vector<Probabilities> rows = probabilities_of(pieces, scores);
  std::vector<Unit> units;
  for (std::size_t begin = 0, end = 0; begin < pieces.size(); begin = end) {
    end = begin + 1;
    while (aggregation != Aggregation::kSimple && end < pieces.size() && goes_on(pieces[end], tokenizer, text)) ++end;
    units.push_back({aggregated(std::span(rows).subspan(begin, end - begin), aggregation),
                     {pieces[begin].place.begin, pieces[end - 1].place.end}});
  }
  return units;
}

}  // namespace

std::vector<FoundEntity> entities_of_sentence(const TokenClassificationSession& session,
                                              const EncodedSentences& sentences, std::int64_t sentence,
                                              const TokenScoreTable& scores, std::string_view text,
                                              Aggregation aggregation, const WordTagger& tagger) {
  const std::vector<Unit> units =
      units_of(sentences.pieces.row(sentence), scores, session.tokenizer(), code_points(text), aggregation);
  std::vector<double> rows;
  for (const Unit& unit : units)
    for (const double probability : unit.probabilities) rows.push_back(std::log(std::max(probability, 1e-300)));
  const std::vector<std::int64_t> labels = tagger.decode(rows);
  std::vector<std::string> tags;
  for (const std::int64_t label : labels) tags.push_back(session.labels().name(label));
  std::vector<FoundEntity> found;
  for (const Entity& entity : find_entities(tags)) {
    double sum = 0.0;
    for (auto unit = static_cast<std::size_t>(entity.begin); unit < static_cast<std::size_t>(entity.end); ++unit)
      sum += units[unit].probabilities[static_cast<std::size_t>(labels[unit])];
    found.push_back({entity.type,
                     sum / static_cast<double>(entity.end - entity.begin),
                     {units[static_cast<std::size_t>(entity.begin)].place.begin,
                      units[static_cast<std::size_t>(entity.end) - 1].place.end}});
  }
  return found;
}

namespace {

LabelScheme scheme_of_model(const Json& config, const LabelSet& labels, const std::string& file) {
  const auto found = config.find(kTagSchemeKey);
  if (found == config.end()) return scheme_of_labels(labels.names());
  const auto scheme = found->is_string() ? enum_from_name<TagScheme>(found->get<std::string>()) : std::nullopt;
  if (scheme) return {*scheme};
  throw ModelError(file + ": " + kTagSchemeKey + " is none of " +
                   listed(EnumNames<TagScheme>::kNames, [](const auto& row) { return row.second; }));
}

}  // namespace

TokenClassificationSession::TokenClassificationSession(TextModel loaded, const std::string& config_file)
    : TextModel(std::move(loaded)),
      labels_(LabelSet(model()->labels())),
      scheme_(scheme_of_model(model()->config(), labels_, config_file)) {}

TokenClassificationSession TokenClassificationSession::load(const std::filesystem::path& directory,
                                                            const SessionOptions& options) {
  return {TextModel::load(directory, HeadKind::kTokenClassification, options), model_config_path(directory)};
}

EncodedSentences TokenClassificationSession::encode(std::span<const TaggedSentence> sentences) const {
  return encode_sentences(sentences, "sentence", tokenizer(), tokenizer_options(), 1, "tokenizing", silent_events(),
                          limits());
}

TokenScoreTable TokenClassificationSession::score(const EncodedSentences& sentences) const {
  return score_tokens(*model(), sentences.dataset, labels_.size(), scoring_options());
}

namespace {

constexpr const char* kSchemeIsOpen =
    "the labels of the model are those of iob2 and of iob1 alike; legal sequences are those of iob2, unless the "
    "model's "
    "config.json says \"tag_scheme\": \"iob1\"";

// The model that both predictors load.
class TokenPredictor {
 public:
  explicit TokenPredictor(const PredictorOptions& options)
      : session_(TokenClassificationSession::load(options.model, options.session)),
        is_legal_(options.task.token_classification.viterbi),
        tagger_(session_.labels(), is_legal_ ? std::optional(session_.scheme().scheme) : std::nullopt) {}

  const TokenClassificationSession& session() const { return session_; }
  const WordTagger& tagger() const { return tagger_; }
  std::int64_t max_length() const { return session_.max_length(); }
  std::vector<std::string> warnings() const {
    std::vector<std::string> warnings = session_.warnings();
    if (is_legal_ && session_.scheme().may_be_iob1) warnings.emplace_back(kSchemeIsOpen);
    return warnings;
  }

 private:
  TokenClassificationSession session_;
  bool is_legal_;  // the tags, in the scheme of the model
  WordTagger tagger_;
};

TaggedSentence sentence_of(const TextInput& input, std::int64_t number) {
  TaggedSentence sentence;
  sentence.line = number;
  if (input.words) {
    sentence.words.assign(input.words->begin(), input.words->end());
  } else {
    sentence.words.resize(find_words(input.text).size());
    sentence.text = std::string(input.text);
  }
  return sentence;
}

template <class Result>
void count_tokens(const EncodedSentences& sentences, std::vector<Result>& results) {
  const std::vector<std::int64_t> lengths = sentences.dataset.lengths(kInputIds);
  for (std::size_t feature = 0; feature < lengths.size(); ++feature)
    results[static_cast<std::size_t>(sentences.dataset.example_id(static_cast<std::int64_t>(feature)))].num_tokens +=
        lengths[feature];
}

class EntityPredictor : public TextPredictor {
 public:
  explicit EntityPredictor(const PredictorOptions& options)
      : predictor_(options),
        aggregation_(options.task.token_classification.aggregation.value_or(Aggregation::kFirst)) {}

  std::vector<std::string> value_names() const override { return {"entities"}; }
  bool reads_words() const override { return true; }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    std::vector<TaggedSentence> sentences;
    for (const TextInput& input : texts)
      sentences.push_back(sentence_of(input, static_cast<std::int64_t>(sentences.size()) + 1));
    const TokenClassificationSession& session = predictor_.session();
    const EncodedSentences encoded = session.encode(sentences);
    const TokenScoreTable scores = session.score(encoded);
    std::vector<TextPrediction> predictions;
    for (std::size_t i = 0; i < sentences.size(); ++i)
      predictions.push_back({{entities(sentences[i], encoded, static_cast<std::int64_t>(i), scores)}, 0, false});
    count_tokens(encoded, predictions);
    return predictions;
  }
  std::int64_t max_length() const override { return predictor_.max_length(); }
  std::string max_length_source() const override { return predictor_.session().max_length_source(); }
  std::vector<std::string> warnings() const override { return predictor_.warnings(); }

 private:
  Json entities(const TaggedSentence& sentence, const EncodedSentences& encoded, std::int64_t number,
                const TokenScoreTable& scores) const {
    const std::string text = sentence.joined_text();
    const std::vector<char32_t> characters = code_points(text);
    Json list = Json::array();
    for (const FoundEntity& entity :
         entities_of_sentence(predictor_.session(), encoded, number, scores, text, aggregation_, predictor_.tagger()))
      list.push_back({{"start", entity.place.begin},
                      {"end", entity.place.end},
                      {"label", entity.type},
                      {"score", entity.score},
                      {"text", part_of(characters, entity.place)}});
    return list;
  }

  TokenPredictor predictor_;
  Aggregation aggregation_;
};

class TokenTagger : public SentenceTagger {
 public:
  explicit TokenTagger(const PredictorOptions& options) : predictor_(options) {
    if (options.task.token_classification.aggregation)
      throw UsageError("--aggregation is for entities of texts; CoNLL columns get a tag for every word");
  }

  std::vector<SentenceTags> tag(std::span<const std::vector<std::string>> words) const override {
    std::vector<TaggedSentence> sentences(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
      sentences[i].line = static_cast<std::int64_t>(i) + 1;
      sentences[i].words = words[i];
    }
    const EncodedSentences encoded = predictor_.session().encode(sentences);
    const TokenScoreTable scores = predictor_.session().score(encoded);
    std::vector<SentenceTags> results;
    for (std::size_t i = 0; i < words.size(); ++i)
      results.push_back({predictor_.tagger().tags(encoded, static_cast<std::int64_t>(i), scores), 0});
    count_tokens(encoded, results);
    return results;
  }
  std::int64_t max_length() const override { return predictor_.max_length(); }
  std::string max_length_source() const override { return predictor_.session().max_length_source(); }
  std::vector<std::string> warnings() const override { return predictor_.warnings(); }

 private:
  TokenPredictor predictor_;
};

}  // namespace

std::unique_ptr<TextPredictor> make_entity_predictor(const PredictorOptions& options) {
  return std::make_unique<EntityPredictor>(options);
}

std::unique_ptr<SentenceTagger> make_sentence_tagger(const PredictorOptions& options) {
  return std::make_unique<TokenTagger>(options);
}

}  // namespace llmtool
