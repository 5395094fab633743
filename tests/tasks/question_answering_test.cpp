#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/question_answering/objective.h"
#include "llmtool/tasks/question_answering/task.h"
#include "llmtool/tasks/run_config.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {
namespace {

using testing::fixture;
using testing::TemporaryDirectory;

struct QuestionGoldens {
  Json expected = read_json_file(fixture("question_answering/expected.json").string(), ExitCode::kInternal);
  QuestionFile file = read_questions(fixture("question_answering/questions.jsonl.gz").string(), {});
  Tokenizer tokenizer = Tokenizer::load(fixture("question_answering/model"));
  std::shared_ptr<Model> model =
      load_model(fixture("question_answering/model"), {.head = HeadKind::kQuestionAnswering}).model;

  QuestionWindowOptions windows() const {
    const Json& settings = expected.at("settings");
    return {settings.at("max_length").get<std::int64_t>(), settings.at("stride").get<std::int64_t>(),
            settings.at("max_question_length").get<std::int64_t>()};
  }
  AnswerSettings answers(bool allows_null) const {
    const Json& settings = expected.at("settings");
    AnswerSettings answers;
    answers.search = {settings.at("n_best").get<std::int64_t>(), settings.at("max_answer_length").get<std::int64_t>(),
                      false, allows_null};
    if (allows_null) answers.null_threshold = settings.at("null_threshold").get<double>();
    return answers;
  }
  QuestionFeatures encode(std::int64_t num_threads = 1) const {
    return encode_questions(file, tokenizer, windows(), {}, num_threads, "tokenizing", silent_events());
  }
  QuestionEvaluation evaluate(const QuestionFeatures& features, const AnswerSettings& settings,
                              std::int64_t batch_size = 64) const {
    return evaluate_questions(*model, file, features, settings, {.batch_size = batch_size}, "evaluating",
                              silent_events());
  }
};

void check_figures(const MetricReport& report, const Json& expected) {
  for (const auto& [name, value] : expected.items()) {
    INFO(name);
    REQUIRE(report.find(name) != nullptr);
    CHECK(*report.find(name)->value == Approx(value.get<double>()).margin(1e-9));
  }
}

void check_answer(const GivenAnswer& found, const Json& expected) {
  CHECK(found.text == expected.at("found").get<std::string>());
  CHECK(found.found.spans.size() == expected.at("num_spans").get<std::size_t>());
  if (found.found.best) CHECK(found.found.null_margin() == Approx(expected.at("margin").get<double>()).margin(2e-4));
  for (std::size_t i = 0; i < expected.at("spans").size(); ++i) {
    const Json& span = expected.at("spans")[i];
    CHECK(found.found.spans[i].begin == span[0].get<std::int32_t>());
    CHECK(found.found.spans[i].end == span[1].get<std::int32_t>());
    CHECK(found.found.spans[i].score == Approx(span[2].get<float>()).margin(2e-4));
    CHECK(found.found.spans[i].probability == Approx(span[3].get<double>()).margin(2e-4));
  }
}

TEST_CASE("Windows of questions and the tokens of answers are those of tokenizers and run_qa.py") {
  const QuestionGoldens goldens;
  const QuestionFeatures features = goldens.encode();
  REQUIRE(goldens.file.questions.size() >= 500);
  for (std::size_t q = 0; q < goldens.file.questions.size(); ++q) {
    const Json& row = goldens.expected.at("rows")[q];
    INFO(goldens.file.questions[q].place);
    const std::int64_t first = features.first_features[q];
    const std::int64_t count = features.first_features[q + 1] - first;
    REQUIRE(count == row.at("num_windows").get<std::int64_t>());
    const auto ids = features.dataset.column<std::int32_t>(kInputIds).row(first + count - 1);
    const auto last_ids = row.at("last_ids").get<std::vector<std::int32_t>>();
    CHECK(std::equal(last_ids.rbegin(), last_ids.rend(), ids.rbegin()));
    for (std::size_t w = 0; w < row.at("tokens").size(); ++w) {
      const auto tokens =
          features.dataset.column<std::int64_t>(kAnswerTokens).row(first + static_cast<std::int64_t>(w));
      CHECK(std::vector(tokens.begin(), tokens.end()) == row.at("tokens")[w].get<std::vector<std::int64_t>>());
    }
  }
}

TEST_CASE("Answers and figures of odd texts are those of SQuAD 2.0 as run_qa.py finds them") {
  const QuestionGoldens goldens;
  const QuestionFeatures features = goldens.encode(2);
  const QuestionEvaluation evaluation = goldens.evaluate(features, goldens.answers(true));
  for (std::size_t q = 0; q < goldens.file.questions.size(); ++q) {
    INFO(goldens.file.questions[q].place);
    const Json& expected = goldens.expected.at("rows")[q].at("squad_2");
    const GivenAnswer& found = evaluation.answers[q];
    check_answer(found, expected);
    const AnswerSpan* given = given_answer(found.found, *evaluation.null_threshold);
    REQUIRE(given != nullptr);
    CHECK((given->is_null ? "" : found.text) == expected.at("answer").get<std::string>());
  }
  check_figures(evaluation.report, goldens.expected.at("figures").at("squad_2"));
  CHECK(*evaluation.report.find("loss")->value == Approx(goldens.expected.at("loss").get<double>()).margin(1e-5));
}

TEST_CASE("Answers and figures of odd texts are those of SQuAD 1.1 as run_qa.py finds them") {
  QuestionGoldens goldens;
  const QuestionEvaluation evaluation = goldens.evaluate(goldens.encode(), goldens.answers(false));
  for (std::size_t q = 0; q < goldens.file.questions.size(); ++q) {
    INFO(goldens.file.questions[q].place);
    check_answer(evaluation.answers[q], goldens.expected.at("rows")[q].at("squad_1"));
  }
  CHECK_FALSE(evaluation.null_threshold);
  // The script judges questions with an answer only.
  std::erase_if(goldens.file.questions, [](const Question& question) { return question.answers.empty(); });
  goldens.file.num_unanswerable = 0;
  const QuestionEvaluation answerable = goldens.evaluate(goldens.encode(), goldens.answers(false));
  check_figures(answerable.report, goldens.expected.at("figures").at("squad_1"));
  CHECK(answerable.report.find("no_answer_accuracy") == nullptr);
}

TEST_CASE("A null threshold that is not given is the best one on the data") {
  const QuestionGoldens goldens;
  AnswerSettings settings = goldens.answers(true);
  settings.null_threshold.reset();
  const QuestionEvaluation evaluation = goldens.evaluate(goldens.encode(), settings);
  CHECK(*evaluation.null_threshold == Approx(goldens.expected.at("figures").at("best_threshold").get<double>()));
  CHECK(*evaluation.report.find("best_answer_f1")->value ==
        Approx(goldens.expected.at("figures").at("squad_2").at("best_answer_f1").get<double>()));
  CHECK(evaluation.report.details.at("null_threshold") == *evaluation.null_threshold);
}

TEST_CASE("Figures of answers do not depend on batches or threads") {
  const QuestionGoldens goldens;
  const QuestionFeatures features = goldens.encode(3);
  const QuestionEvaluation one = goldens.evaluate(features, goldens.answers(true), 1);
  const QuestionEvaluation many = goldens.evaluate(features, goldens.answers(true), 64);
  for (const Metric& metric : one.report.metrics) {
    INFO(metric.name);
    CHECK(*metric.value == Approx(*many.report.find(metric.name)->value).margin(1e-6));
  }
}

// Tokens of a context of five words, of which two windows behind one token share two.
TEST_CASE("By maximum context, a span is taken from the window that has the most context around its start") {
  const std::vector<float> low(8, -5.0F);
  std::vector<float> first = low;
  std::vector<float> second = low;
  first[2 * 3] = first[2 * 3 + 1] = 3.0F;    // the third word, at the end of its window
  second[2 * 2] = second[2 * 2 + 1] = 1.0F;  // the same word, with others on both sides
  const std::vector<Offset> begin{{0, 1}, {2, 3}, {4, 5}};
  const std::vector<Offset> end{{2, 3}, {4, 5}, {6, 7}};
  const std::vector<AnswerWindow> windows{{first, begin, 1, 0}, {second, end, 1, 1}};
  SpanSearchOptions options{.n_best = 1, .max_answer_length = 1};
  CHECK(search_answers(windows, options).spans.front().score == 6.0F);
  options.n_best = 3;
  options.by_max_context = true;
  const FoundAnswers found = search_answers(windows, options);
  CHECK(found.spans.front().begin == 4);
  CHECK(found.spans.front().score == 2.0F);
  CHECK(found.null_score == -10.0F);
}

ContextWindow window_of(std::vector<Offset> context, std::int64_t first_token) {
  ContextWindow window;
  window.encoding.offsets.assign(static_cast<std::size_t>(first_token), {0, 0});
  window.encoding.offsets.insert(window.encoding.offsets.end(), context.begin(), context.end());
  window.encoding.offsets.push_back({0, 0});
  window.first_token = first_token;
  window.num_tokens = std::ssize(context);
  return window;
}

TEST_CASE("An answer has the tokens that hold its first and last character, and none of a window it is not wholly in") {
  const ContextWindow window = window_of({{5, 8}, {9, 12}, {12, 15}, {16, 20}}, 4);
  const auto tokens = [&](std::int64_t begin, std::int64_t end) {
    const AnswerTokens found = answer_tokens(window, begin, end);
    return std::pair(found.start, found.end);
  };
  CHECK(tokens(5, 8) == std::pair<std::int64_t, std::int64_t>(4, 4));
  CHECK(tokens(10, 14) == std::pair<std::int64_t, std::int64_t>(5, 6));
  CHECK(tokens(16, 20) == std::pair<std::int64_t, std::int64_t>(7, 7));
  CHECK(tokens(4, 8) == std::pair<std::int64_t, std::int64_t>(0, 0));
  CHECK(tokens(16, 21) == std::pair<std::int64_t, std::int64_t>(0, 0));
  CHECK(answer_tokens(window_of({}, 3), 0, 1).end == 0);
}

TEST_CASE("A question without room for its context is refused, and cut where that is asked for") {
  const QuestionGoldens goldens;
  const std::string question = "water house garden letter winter river window station";
  const auto encode = [&](const QuestionWindowOptions& settings) {
    return encode_question(goldens.tokenizer, question, "market bread", settings, {});
  };
  CHECK_THROWS_WITH(encode({8, 2}),
                    Catch::Contains("no room for the context in 8") && Catch::Contains("data.max_question_length"));
  const QuestionWindows cut = encode({8, 2, 3});
  CHECK(cut.is_question_cut);
  CHECK(std::ranges::count(cut.windows.front().encoding.sequence_ids, 0) <= 3);
  CHECK_FALSE(encode({40, 2, 30}).is_question_cut);
}

TEST_CASE("Weights that are NaN are told with the question") {
  const QuestionGoldens goldens;
  {
    const at::NoGradGuard no_gradients;
    for (const WeightRow& row : goldens.model->head_rows()) row.tensor.fill_(std::nan(""));
  }
  CHECK_THROWS_WITH(goldens.evaluate(goldens.encode(), goldens.answers(true)),
                    Catch::Contains("question 'q0'") && Catch::Contains("NaN"));
}

TEST_CASE("A predictor gives the answer with its place in code points") {
  const auto predictor = make_answer_predictor({fixture("question_answering/model"), {}, std::nullopt, {}});
  const std::string context = "\U0001f600 Straße garden, \U0001f600 water house";
  const std::vector<TextInput> texts{{"Where?", context}, {"", ""}};
  const std::vector<TextPrediction> predictions = predictor->predict(texts);
  CHECK(predictor->value_names().size() == predictions[0].values.size());
  const auto start = predictions[0].values[2].get<std::int64_t>();
  const auto end = predictions[0].values[3].get<std::int64_t>();
  CHECK(predictions[0].values[0] == code_points_of(context, start, end));
  CHECK(predictions[0].values[4].front().at("start") == start);
  CHECK(predictions[1].values[0] == "");
  CHECK(predictions[1].values[2].is_null());
  const std::vector<TextInput> alone{{"Where?", std::nullopt}};
  CHECK_THROWS_AS(predictor->predict(alone), UsageError);
}

TEST_CASE("A model with a null threshold may say that there is no answer") {
  const TemporaryDirectory folder;
  std::filesystem::copy(fixture("question_answering/model"), folder.path(),
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  Json config = read_json_file((folder / "config.json").string(), ExitCode::kModel);
  config["null_score_diff_threshold"] = -1000.0;
  folder.write("config.json", config.dump());
  const std::vector<TextInput> texts{{"Where?", "water house"}};
  const auto values = make_answer_predictor({folder.path(), {}, std::nullopt, {}})->predict(texts)[0].values;
  CHECK(values[0] == "");
  CHECK(values[1].is_number());
  CHECK(values[3].is_null());
  config["null_score_diff_threshold"] = "high";
  folder.write("config.json", config.dump());
  CHECK_THROWS_WITH(make_answer_predictor({folder.path(), {}, std::nullopt, {}}), Catch::Contains("is not a number"));
}

TEST_CASE("Columns that a config or another tool's model leaves open are those of questions") {
  RunConfig config;
  FieldPositions positions;
  config.task = enum_from_name<TaskKind>("question_answering").value();
  resolve_columns(config, positions);
  CHECK(config.data.text == std::vector<std::string>{"question", "context"});
  CHECK(config.data.label == std::vector<std::string>{"answers"});
  CHECK(positions.contains("data.text"));
  config.data.text = {"q", "c"};
  resolve_columns(config, positions);
  CHECK(config.data.text == std::vector<std::string>{"q", "c"});
  const ColumnChoice choice = resolve_columns({}, fixture("question_answering/model"));
  CHECK(choice.text == std::vector<std::string>{"question", "context"});
  CHECK(choice.label == std::vector<std::string>{"answers"});
}

}  // namespace
}  // namespace llmtool
