// Reading, labelling, training and predicting of tagged words against transformers and seqeval.

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_run.h"
#include "llmtool/core/json.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/tasks/token_classification/data.h"
#include "llmtool/tasks/token_classification/objective.h"
#include "llmtool/tasks/token_classification/task.h"

namespace llmtool {
namespace {

using testing::fixture;

Json read_golden(const char* name) {
  return read_json_file(fixture(std::string("token_classification/") + name).string(), ExitCode::kInternal);
}

TokenizerOptions window_options(const Json& golden) {
  TokenizerOptions options;
  options.max_length = golden.at("max_length").get<std::int64_t>();
  options.stride = golden.at("stride").get<std::int64_t>();
  return options;
}

std::vector<TaggedSentence> sentences_of(const Json& rows, const char* words, const char* tags) {
  std::vector<TaggedSentence> sentences;
  for (const Json& row : rows) {
    TaggedSentence sentence;
    sentence.words = row.at(words).get<std::vector<std::string>>();
    sentence.tags = row.at(tags).get<std::vector<std::string>>();
    sentence.line = static_cast<std::int64_t>(sentences.size()) + 1;
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

RaggedColumn<std::int64_t> label_ids(const std::vector<TaggedSentence>& sentences, const LabelSet& labels) {
  RaggedColumn<std::int64_t> ids;
  for (const TaggedSentence& sentence : sentences) {
    std::vector<std::int64_t> row;
    for (const std::string& tag : sentence.tags) row.push_back(labels.find(tag).value());
    ids.append(row);
  }
  return ids;
}

class GoldenTagger : public Trainable {
 public:
  GoldenTagger(const std::vector<TaggedSentence>& sentences, bool label_all_pieces, double label_smoothing)
      : sentences_(sentences),
        model_(llmtool::load_model(fixture("token_classification/tiny_bert"), {.head = HeadKind::kTokenClassification})
                   .model),
        labels_(model_->labels()),
        objective_(labels_, TagScheme::kIob2, false, label_smoothing) {
    const Tokenizer tokenizer = Tokenizer::load(fixture("token_classification/tiny_bert"));
    TokenizerOptions options;
    options.max_length = 32;
    encoded_ = encode_sentences(sentences, "training.json", tokenizer, options, 2, "", silent_events(), {});
    std::vector<std::int64_t> continued;
    if (label_all_pieces) continued = labels_of_continuation(labels_.names());
    targets_ = piece_labels(encoded_, label_ids(sentences, labels_), continued);
    model_->train();
    for (const NamedParameter& parameter : model_->trainable_parameters())
      parameters_.add(parameter.name, parameter.tensor, parameter.is_decayed);
  }

  std::int64_t num_examples() const override { return encoded_.dataset.num_features(); }
  std::int64_t num_tokens(std::int64_t, std::int64_t) const override { return 1; }
  std::string describe_example(std::int64_t example) const override { return std::to_string(example); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& batch) override {
    return std::make_unique<TokenClassificationBatch>(
        objective_.make_batch(encoded_.dataset, targets_, batch.examples, at::kCPU));
  }
  std::vector<LossTerm> loss(const Batch& batch) override {
    return objective_.loss(*model_, static_cast<const TokenClassificationBatch&>(batch));
  }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink& events) override {
    return objective_.evaluate(*model_, {encoded_, targets_, sentences_}, {}, "evaluating", events, {}).report;
  }
  void save_model(const std::filesystem::path& directory) const override { save_pretrained(*model_, directory); }
  void load_model(const std::filesystem::path& directory) override { load_weights(directory, *model_); }

 private:
  const std::vector<TaggedSentence>& sentences_;
  std::shared_ptr<Model> model_;
  LabelSet labels_;
  TokenClassificationObjective objective_;
  EncodedSentences encoded_;
  RaggedColumn<std::int64_t> targets_;
  ParameterStore parameters_;
};

TEST_CASE("twenty steps over tagged words give the losses and weights of transformers") {
  const Json golden = read_golden("training.json");
  const std::vector<TaggedSentence> sentences = sentences_of(golden.at("sentences"), "tokens", "tags");
  for (const auto& [name, training] : golden.at("cases").items()) {
    INFO(name);
    GoldenTagger trainable(sentences, training.at("label_all_pieces").get<bool>(),
                           training.at("training").value("label_smoothing", 0.0));
    testing::check_training(training, fixture("token_classification/" + name + ".safetensors"), trainable);
  }
}

TEST_CASE("the loss of an evaluation is that of training, smoothing included") {
  const std::vector<TaggedSentence> sentences =
      sentences_of(read_golden("training.json").at("sentences"), "tokens", "tags");
  GoldenTagger trainable(sentences, false, 0.1);
  std::vector<std::int64_t> all;
  for (std::int64_t example = 0; example < trainable.num_examples(); ++example) all.push_back(example);
  const auto batch = trainable.make_batch({all});
  const double loss = trainable.loss(*batch).front().sum.item<double>() / batch->denominators.front();
  CHECK(trainable.evaluate(silent_events()).find("loss")->value.value() == Approx(loss).epsilon(1e-5));
}

TokenClassificationSession load_session(const Json& golden) {
  SessionOptions options;
  options.max_length = golden.at("max_length").get<std::int64_t>();
  return TokenClassificationSession::load(fixture("token_classification/tiny_bert"), options);
}

void check_figures(const MetricReport& report, const std::string& prefix, const Json& expected) {
  for (const auto& [key, figure] : {std::pair{"precision", "precision"}, {"recall", "recall"}, {"f1", "f1-score"}})
    for (const auto& [name, average] :
         {std::pair{"", "micro avg"}, {"macro_", "macro avg"}, {"weighted_", "weighted avg"}}) {
      INFO(prefix << name << key);
      CHECK(report.find(prefix + name + key)->value.value() ==
            Approx(expected.at(average).at(figure).get<double>()).margin(1e-12));
    }
}

TEST_CASE("tags and figures over hundreds of odd sentences are those of transformers and seqeval") {
  const Json golden = read_golden("predictions.json");
  const TokenClassificationSession session = load_session(golden);
  const std::vector<TaggedSentence> sentences = sentences_of(golden.at("words"), "words", "gold");
  REQUIRE(sentences.size() > 250);
  const EncodedSentences encoded = encode_sentences(sentences, "predictions.json", session.tokenizer(),
                                                    window_options(golden), 2, "", silent_events(), session.limits());
  CHECK(encoded.num_windowed > 100);
  CHECK(encoded.num_words_without_piece > 100);
  const TokenClassificationObjective objective(session.labels(), TagScheme::kIob2, false);
  const RaggedColumn<std::int64_t> targets = piece_labels(encoded, label_ids(sentences, session.labels()));
  for (const std::int64_t batch_size : {1, 7, 64}) {
    const TokenClassificationEvaluation evaluation = objective.evaluate(
        *session.model(), {encoded, targets, sentences}, {batch_size, 300}, "evaluating", silent_events(), {});
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      INFO("sentence " << i);
      CHECK(evaluation.tags[i] == golden["words"][i]["tags"].get<std::vector<std::string>>());
    }
    check_figures(evaluation.report, "entity_", golden.at("figures"));
    check_figures(evaluation.report, "strict_entity_", golden.at("strict_figures"));
    CHECK(evaluation.report.find("tag_accuracy")->value.value() == Approx(golden.at("accuracy").get<double>()));
  }
}

TaggedSentence sentence_of(const Json& input) {
  TaggedSentence sentence;
  sentence.line = 1;
  if (input.is_string()) {
    sentence.text = input.get<std::string>();
    sentence.words.resize(find_words(*sentence.text).size());
  } else {
    sentence.words = input.get<std::vector<std::string>>();
  }
  return sentence;
}

void check_entities(const std::vector<FoundEntity>& found, const Json& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].place == TextRange{expected[i][0].get<std::int64_t>(), expected[i][1].get<std::int64_t>()});
    CHECK(found[i].type == expected[i][2].get<std::string>());
    CHECK(found[i].score == Approx(expected[i][3].get<double>()).margin(3e-5));
  }
}

TEST_CASE("entities in hundreds of odd texts are those of transformers' pipeline") {
  const Json golden = read_golden("predictions.json");
  const TokenClassificationSession session = load_session(golden);
  std::vector<TaggedSentence> sentences;
  for (const Json& row : golden.at("entities")) sentences.push_back(sentence_of(row.at("input")));
  REQUIRE(sentences.size() > 500);
  const EncodedSentences encoded = encode_sentences(sentences, "predictions.json", session.tokenizer(),
                                                    window_options(golden), 2, "", silent_events(), session.limits());
  const TokenScoreTable scores = session.score(encoded);
  const WordTagger tagger(session.labels(), std::nullopt);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const std::string text = sentences[i].joined_text();
    for (const auto& [aggregation, name] : EnumNames<Aggregation>::kNames) {
      const auto expected = golden["entities"][i].find(std::string(name));
      if (expected == golden["entities"][i].end()) continue;
      INFO("input " << i << ", " << name);
      check_entities(
          entities_of_sentence(session, encoded, static_cast<std::int64_t>(i), scores, text, aggregation, tagger),
          *expected);
    }
  }
}

}  // namespace
}  // namespace llmtool
