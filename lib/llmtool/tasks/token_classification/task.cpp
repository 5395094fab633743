#include "llmtool/tasks/token_classification/task.h"

#include <chrono>
#include <optional>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/records.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/token_classification/data.h"

namespace llmtool {
namespace {

// Label names of the model's own head, which may fix their order.
LabelSet labels_of_token_head(const RunConfig& config, const Json& model_config) {
  if (config.model.head == HeadPolicy::kNew || config.model.from.empty()) return {};
  const std::string file = model_config_path(config.model.from);
  // The labels of another head say nothing of tags.
  if (stored_head_kind(model_config, file) != HeadKind::kTokenClassification) return {};
  return LabelSet(read_labels(model_config, file));
}

// More tags than this are not listed one by one.
constexpr std::int64_t kMostTagsOnCard = 40;

std::string tag_line(const LabelSet& labels, TagScheme scheme) {
  std::string text = "Tags (" + std::string(enum_name(scheme)) + "), in the order of their ids: ";
  for (std::int64_t id = 0; id < labels.size() && id < kMostTagsOnCard; ++id)
    text += (id == 0 ? "`" : ", `") + labels.name(id) + "`";
  if (labels.size() > kMostTagsOnCard) text += ", … (" + std::to_string(labels.size()) + " in all, see config.json)";
  return text + ".";
}

class TokenClassificationTask : public TaskOf<TaggedExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& model_config,
                 std::int64_t num_threads, EventSink& events) override {
    TokenClassificationData data = read_token_classification_data(config, labels_of_token_head(config, model_config),
                                                                  tokenizer, num_threads, events);
    choice_ = std::move(data.choice);
    scheme_ = data.scheme;
    policy_ = config.model.head;
    data_ = std::move(data.parts);
    objective_.emplace(choice_.labels, scheme_, config.evaluation.task.token_classification.viterbi,
                       config.training.task.classification.label_smoothing);
  }

  void complete(LoadRequest& request) const override {
    request.labels = choice_.labels.names();
    request.labels_are_ordered = choice_.origin == LabelOrigin::kConfig;
    request.policy = policy_;
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    const TaggedExamples& training = data_.training;
    std::vector<std::int64_t> features;
    for (const std::int64_t example : micro_batch.examples)
      features.push_back(training.features[static_cast<std::size_t>(example)]);
    return std::make_unique<TokenClassificationBatch>(
        objective_->make_batch(training.encoded.dataset, training.targets, features, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    return objective_->loss(model, static_cast<const TokenClassificationBatch&>(batch));
  }

  void conclude(Model& model, const ScoringOptions& /*options*/) const override {
    model.set_config(kTagSchemeKey, enum_name(scheme_));
  }

  void add_counts(Json& counts) const override {
    counts["train_sentences"] = data_.training.num_units();
    counts["train_words_without_token"] = data_.training.encoded.num_words_without_piece;
    counts["train_illegal_tags"] = data_.training.sentences.tags.num_illegal;
    counts["tag_scheme"] = enum_name(scheme_);
  }
  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "token-classification";
    card.kind = "A classifier of words fine-tuned";
    card.unit = "sentences";
    card.data_notes = tag_line(choice_.labels, scheme_);
    card.shell_example = "echo \"some text\" | llmtool predict . --input - --format text";
    card.python_example =
        "from transformers import pipeline\n\npipeline(\"token-classification\", model=\".\", "
        "aggregation_strategy=\"first\")(\"some text\")";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const TaggedExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const std::vector<TaggedSentence>& sentences = examples.sentences.file.sentences;
    const auto name = [&](std::int64_t sentence) {
      return examples.path + ":" + std::to_string(sentences[static_cast<std::size_t>(sentence)].line);
    };
    return objective_->evaluate(model, {examples.encoded, examples.targets, sentences}, options, what, events, name)
        .report;
  }

 private:
  LabelChoice choice_;
  TagScheme scheme_ = TagScheme::kIo;
  HeadPolicy policy_ = HeadPolicy::kAuto;
  std::optional<TokenClassificationObjective> objective_;  // once the data is read
};

}  // namespace

std::unique_ptr<Task> make_token_classification_task() { return std::make_unique<TokenClassificationTask>(); }

namespace {

// A name that the model was trained with says nothing of columns with numbers, nor a number of JSONL keys.
std::string column_of(const std::vector<std::string>& asked, const std::vector<std::string>& trained,
                      const std::string& no_choice, bool are_numbered) {
  if (!asked.empty()) return asked.front();
  const bool is_number =
      !trained.front().empty() && trained.front().find_first_not_of("-0123456789") == std::string::npos;
  return is_number == are_numbered ? trained.front() : no_choice;
}

TaggedColumns tagged_columns(const EvalRequest& request) {
  if (request.columns.label.size() > 1) throw UsageError("--label-column can be given once: the tags of words");
  const ColumnChoice trained = resolve_columns({}, request.model);
  const DataOptions none;
  const bool are_numbered = resolve_file_format(request.data, request.format) == FileFormat::kConll;
  return {request.format,
          column_of(request.columns.text, trained.text, none.text.front(), are_numbered),
          column_of(request.columns.label, trained.label, none.label.front(), are_numbered),
          true,
          request.max_rows,
          request.layout};
}

// Where the labels leave it open, the data tells.
TagScheme scheme_to_judge_by(const LabelScheme& labels, const TagReport& tags) {
  return labels.may_be_iob1 && tags.found == TagScheme::kIob1 ? tags.found : labels.scheme;
}

// In the scheme of the model.
LabelledSentences read_gold(const EvalRequest& request, const TokenClassificationSession& session) {
  TaggedFile file = read_tagged(request.data, tagged_columns(request));
  TagReport tags = settle_named_tags(file, session.labels(), std::nullopt, IllegalTags::kKeep);
  const TagScheme scheme = scheme_to_judge_by(session.scheme(), tags);
  if (scheme != tags.found) tags.scheme = settle_tags(file, scheme, IllegalTags::kKeep).scheme;
  return label_sentences(std::move(file), tags, session.labels(), request.unknown_label);
}

std::unique_ptr<RowWriter> create_tag_predictions(const std::string& path) {
  if (path.empty()) return nullptr;
  const FileFormat format = resolve_file_format(path, FileFormat::kAuto);
  if (format == FileFormat::kText || format == FileFormat::kConll)
    throw DataError(path + ": predictions have several columns a sentence; use .csv, .tsv or .jsonl");
  WriteOptions options;
  options.columns = {"row", "line", "words", "gold", "predicted"};
  return create_rows(path, options);
}

void write_tag_predictions(RowWriter& writer, const std::vector<TaggedSentence>& sentences,
                           const std::vector<std::vector<std::string>>& tags) {
  for (std::size_t i = 0; i < sentences.size(); ++i)
    writer.write({{"row", static_cast<std::int64_t>(i)},
                  {"line", sentences[i].line},
                  {"words", Json(sentences[i].words)},
                  {"gold", Json(sentences[i].tags)},
                  {"predicted", Json(tags[i])}});
  writer.commit();
}

Json counts_of(const LabelledSentences& gold, const EncodedSentences& encoded) {
  return {{"num_sentences", gold.file.sentences.size()},
          {"num_windowed", encoded.num_windowed},
          {"num_words_without_token", encoded.num_words_without_piece},
          {"num_illegal_tags", gold.tags.num_illegal},
          {"num_widened", gold.file.counts.num_widened},
          {"num_lost", gold.file.counts.num_lost},
          {"num_skipped", gold.num_skipped},
          {"num_tokens", encoded.num_tokens},
          {"scheme_found", enum_name(gold.tags.found)},
          {"scheme", enum_name(gold.tags.scheme)}};
}

std::vector<std::string> doubts_of(const LabelledSentences& gold, const EncodedSentences& encoded) {
  std::vector<std::string> doubts;
  const auto tell = [&](std::int64_t count, const std::string& what) {
    if (count > 0) doubts.push_back(std::to_string(count) + " " + what);
  };
  tell(gold.tags.num_illegal, "tags break the scheme " + std::string(enum_name(gold.tags.found)) + ", first in line " +
                                  std::to_string(gold.tags.first_illegal_line));
  tell(encoded.num_words_without_piece, "words have no token of their own and were given O");
  tell(gold.file.counts.num_widened, "entities begin or end within a word and were given all of it");
  tell(gold.file.counts.num_lost, "entities are parts of a word that another has, and were left out");
  tell(gold.num_skipped, "sentences with tags the model does not know were left out");
  return doubts;
}

}  // namespace

EvalResult evaluate_token_classifier(const EvalRequest& request, EventSink& events) {
  const TokenClassificationSession session = TokenClassificationSession::load(request.model, request.session);
  for (const std::string& warning : session.warnings()) events.warning(warning);
  events.info("sentences are read in windows of " + std::to_string(*session.tokenizer_options().max_length) +
              " tokens (" + session.max_length_source() + ")");
  const LabelledSentences gold = read_gold(request, session);
  // Opened before the long work, so that a folder that cannot be written is known at once.
  const std::unique_ptr<RowWriter> predictions = create_tag_predictions(request.predictions);

  const auto start = std::chrono::steady_clock::now();
  const std::vector<TaggedSentence>& sentences = gold.file.sentences;
  const EncodedSentences encoded =
      encode_sentences(sentences, request.data, session.tokenizer(), session.tokenizer_options(), request.num_threads,
                       "tokenizing", events, session.limits());
  const RaggedColumn<std::int64_t> targets = piece_labels(encoded, gold.word_labels);
  const auto name = [&](std::int64_t sentence) {
    return SourcePosition{request.data, sentences[static_cast<std::size_t>(sentence)].line, 0}.to_string();
  };
  const TokenClassificationObjective objective(session.labels(), gold.tags.scheme,
                                               request.task.token_classification.viterbi);
  const TokenClassificationEvaluation evaluation = objective.evaluate(
      *session.model(), {encoded, targets, sentences}, session.scoring_options(), "evaluating", events, name);
  if (predictions) write_tag_predictions(*predictions, sentences, evaluation.tags);

  Json counts = counts_of(gold, encoded);
  counts["max_length"] = *session.tokenizer_options().max_length;
  counts["computed_in"] = enum_name(request.session.precision);
  counts["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::vector<std::string> doubts = doubts_of(gold, encoded);
  counts["warnings"] = doubts;
  const std::string summary = request.data + ": " + std::to_string(sentences.size()) + " sentences, " +
                              std::to_string(encoded.num_windowed) + " of them in several windows, " +
                              computed_in(request.session.precision);
  return {evaluation.report, std::move(counts), summary, "", std::move(doubts)};
}

}  // namespace llmtool
