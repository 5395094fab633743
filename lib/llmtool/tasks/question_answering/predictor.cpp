#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/question_answering/task.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {
namespace {

// The config of the run that trained the model; a default one for another tool's model.
RunConfig config_of(const std::filesystem::path& directory) {
  return path_exists(directory / kRunRecordName) ? read_run_record(directory).config : RunConfig();
}

std::optional<double> null_threshold_of(const Model& model, const std::string& file) {
  const auto found = model.config().find(kNullThresholdKey);
  if (found == model.config().end()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  throw ModelError(file + ": " + kNullThresholdKey + " is not a number");
}

class AnswerPredictor : public TextPredictor {
 public:
  AnswerPredictor(QuestionAnsweringSession session, const GivenAnswerOptions& options)
      : session_(std::move(session)), settings_(session_.answers(options)) {}

  std::vector<std::string> value_names() const override {
    return {"predicted_answer", "predicted_score", "predicted_start", "predicted_end", "n_best"};
  }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    const QuestionFile file = questions_of(texts);
    const QuestionFeatures features = encode_questions(file, session_.tokenizer(), session_.windows(),
                                                       session_.limits(), 1, "tokenizing", silent_events());
    const TokenScoreTable scores =
        score_tokens(*session_.model(), features.dataset, kAnswerScores, session_.scoring_options());
    std::vector<TextPrediction> predictions;
    for (std::size_t question = 0; question < texts.size(); ++question)
      predictions.push_back(predict(file.questions[question], features, scores));
    return predictions;
  }
  std::int64_t max_length() const override { return session_.windows().max_length; }
  std::string max_length_source() const override { return session_.max_length_source(); }
  std::vector<std::string> warnings() const override { return session_.warnings(); }

 private:
  static QuestionFile questions_of(std::span<const TextInput> texts) {
    QuestionFile file;
    for (const TextInput& text : texts) {
      if (!text.pair)
        throw UsageError(
            "the model answers questions about contexts: name the columns of both, in this order, with --text-column");
      file.questions.push_back(
          {.row = std::ssize(file.questions), .question = std::string(text.text), .context = std::string(*text.pair)});
    }
    return file;
  }

  TextPrediction predict(const Question& question, const QuestionFeatures& features,
                         const TokenScoreTable& scores) const {
    const std::vector<AnswerWindow> windows = answer_windows(features, scores, question.row);
    for (const AnswerWindow& window : windows) require_finite(window);
    const FoundAnswers found = search_answers(windows, settings_.search);
    TextPrediction prediction;
    const AnswerSpan* given = given_answer(found, settings_.null_threshold.value_or(0.0));
    if (given == nullptr) {
      prediction.values = {"", nullptr, nullptr, nullptr};
    } else {
      const Json answer = describe(*given, question.context);
      prediction.values = {answer["answer"], answer["score"], answer["start"], answer["end"]};
    }
    Json all = Json::array();
    for (const AnswerSpan& span : found.spans) all.push_back(describe(span, question.context));
    prediction.values.push_back(std::move(all));
    prediction.num_tokens = features.num_tokens_of(question.row);
    prediction.truncated = features.are_cut[static_cast<std::size_t>(question.row)];
    return prediction;
  }

  static Json describe(const AnswerSpan& span, const std::string& context) {
    if (span.is_null) return {{"answer", ""}, {"score", span.probability}, {"start", nullptr}, {"end", nullptr}};
    return {{"answer", code_points_of(context, span.begin, span.end)},
            {"score", span.probability},
            {"start", span.begin},
            {"end", span.end}};
  }

  QuestionAnsweringSession session_;
  AnswerSettings settings_;
};

}  // namespace

AnswerSettings QuestionAnsweringSession::answers(const GivenAnswerOptions& options) const {
  AnswerSettings settings = answers_;
  if (!options.null_threshold) return settings;
  settings.search.allows_null = true;
  settings.null_threshold = options.null_threshold;
  return settings;
}

QuestionAnsweringSession QuestionAnsweringSession::load(const std::filesystem::path& directory,
                                                        const SessionOptions& options) {
  QuestionAnsweringSession session(
      TextModel::load(directory, HeadKind::kQuestionAnswering, options, kUsualWindowLength));
  const RunConfig config = config_of(directory);
  const auto null_threshold = null_threshold_of(*session.model(), model_config_path(directory));
  session.windows_ = {WindowOptions::from(session.tokenizer_options()),
                      config.data.task.question_answering.max_question_length};
  session.answers_ = AnswerSettings::from(config.evaluation.task.question_answering, null_threshold.has_value());
  session.answers_.null_threshold = null_threshold;
  return session;
}

std::unique_ptr<TextPredictor> make_answer_predictor(const PredictorOptions& options) {
  return std::make_unique<AnswerPredictor>(QuestionAnsweringSession::load(options.model, options.session),
                                           options.task.question_answering);
}

}  // namespace llmtool
