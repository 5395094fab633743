#include "llmtool/data/questions.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

std::string message(const std::string& name, const std::string& content, const QuestionColumns& columns = {}) {
  const testing::TemporaryDirectory folder;
  const std::string path = folder.write(name, content);
  try {
    read_questions(path, columns);
  } catch (const DataError& error) {
    std::string text = error.what();
    return text.starts_with(path) ? text.substr(folder.path().string().size() + 1) : text;
  }
  FAIL("no error was thrown");
  return "";
}

std::string row_with(const std::string& answers) {
  return R"({"id": "q1", "question": "Wo?", "context": "Über Köln.", "answers": )" + answers + "}\n";
}

TEST_CASE("Questions are read from SQuAD's JSON, from JSONL in both forms, and from CSV") {
  const testing::TemporaryDirectory folder;
  const auto squad = folder.write("a.json", R"({"data": [{"paragraphs": [{"context": "Über Köln.", "qas": [
      {"id": "q1", "question": "Wo?", "answers": [{"text": "Köln", "answer_start": 5}]}]}]}]})");
  const auto rows = folder.write("b.jsonl", row_with(R"([{"text": "Köln", "answer_start": 5}])") +
                                                row_with(R"({"text": ["Köln"], "answer_start": [5]})") +
                                                row_with(R"({"text": [], "answer_start": []})"));
  const auto table = folder.write("c.csv",
                                  "answers,question,context\n\"{\"\"text\"\": [\"\"Köln\"\"], \"\"answer_start\"\": "
                                  "[5]}\",Wo?,Über Köln.\n");
  for (const auto& path : {squad, rows, table}) {
    CAPTURE(path);
    const Question question = read_questions(path, {}).questions.front();
    CHECK(question.question == "Wo?");
    CHECK(question.context == "Über Köln.");
    REQUIRE(question.answers.size() == 1);
    CHECK(question.answers[0].text == "Köln");
    CHECK(question.answers[0].start == 5);
  }
  const QuestionFile file = read_questions(rows, {});
  CHECK(file.questions[1].answers.size() == 1);
  CHECK(file.questions[2].answers.empty());
  CHECK(file.num_unanswerable == 1);
  CHECK(file.questions[1].place == rows.string() + ":2: question 'q1'");
  CHECK(read_questions(table, {}).questions.front().id.empty());
  CHECK(read_questions(rows, {.max_rows = 2}).questions.size() == 2);
}

TEST_CASE("An answer that does not stand at its start is named with the question, and where it stands") {
  CHECK(message("d.jsonl", row_with(R"([{"text": "Köln", "answer_start": 6}])")) ==
        "d.jsonl:1: question 'q1': the context does not have the answer at its start 6 (characters, from 0); it begins "
        "at 5");
  CHECK_THAT(message("d.jsonl", row_with(R"([{"text": "Bonn", "answer_start": 5}])")),
             Catch::EndsWith("the context does not have it anywhere"));
  CHECK_THAT(message("d.jsonl", row_with(R"([{"text": "n", "answer_start": 11}])")),
             Catch::Contains("outside the context of 10 characters"));
  CHECK_THAT(message("d.jsonl", row_with(R"([{"text": "n", "answer_start": -1}])")), Catch::Contains("outside"));
}

TEST_CASE("Answers of another form are refused") {
  CHECK_THAT(message("d.jsonl", row_with(R"([{"text": "", "answer_start": 0}])")),
             Catch::Contains("an answer is empty"));
  CHECK_THAT(message("d.jsonl", row_with("null")), Catch::Contains("are missing"));
  CHECK_THAT(message("d.jsonl", row_with("7")), Catch::Contains("are neither a list of"));
  CHECK_THAT(message("d.jsonl", row_with(R"(["Köln"])")), Catch::Contains("are neither a list of"));
  CHECK_THAT(message("d.jsonl", row_with(R"({"text": ["Köln"], "answer_start": []})")),
             Catch::Contains("there are 1 answers, but 0 starts"));
  CHECK_THAT(message("d.jsonl", row_with(R"([{"text": 3, "answer_start": 0}])")), Catch::Contains("not a string"));
  CHECK_THAT(message("d.jsonl", row_with(R"([{"text": "K", "answer_start": 5.0}])")),
             Catch::Contains("not an integer"));
  CHECK_THAT(message("d.csv", "answers,question,context\nKöln,Wo?,In Köln\n"), Catch::Contains("invalid JSON"));
}

TEST_CASE("A column that is not there is named with its role") {
  CHECK_THAT(message("d.jsonl", "{\"question\": \"?\", \"text\": \"c\", \"answers\": []}\n"),
             Catch::Contains("there is no column 'context' for the context") && Catch::Contains("data.text"));
  CHECK_THAT(message("d.jsonl", "{\"question\": \"?\", \"context\": \"c\", \"right\": []}\n"),
             Catch::Contains("there is no column 'answers' for the answers") && Catch::Contains("data.label"));
  CHECK_THAT(message("d.jsonl", "{\"question\": null, \"context\": \"c\", \"answers\": []}\n"),
             Catch::Contains("the text 'question' is missing or null"));
  CHECK_THAT(message("d.json", R"({"data": []})"), Catch::Contains("there are no questions"));
}

TEST_CASE("Empty questions and contexts are kept and counted") {
  const testing::TemporaryDirectory folder;
  const auto path = folder.write("e.jsonl", "{\"question\": \"\", \"context\": \"c\", \"answers\": []}\n");
  CHECK(read_questions(path, {}).num_empty_texts == 1);
}

TEST_CASE("Questions about one context stay on one side of a share, whatever else the file has") {
  QuestionFile file{.path = "f"};
  for (int i = 0; i < 400; ++i) file.questions.push_back({.context = "context " + std::to_string(i / 4)});
  const auto parts = split_questions(file, 0.3, 5);
  CHECK(parts.validation.questions.size() % 4 == 0);
  CHECK(parts.training.questions.size() + parts.validation.questions.size() == 400);
  CHECK(parts.validation.questions.size() > 60);
  CHECK(parts.validation.questions.size() < 180);
  CHECK_THROWS_WITH(split_questions({.path = "f", .questions = {{}}}, 0.5, 1), Catch::Contains("leaves no question"));
}

TEST_CASE("Several files are read as one") {
  const QuestionFile joined = join_questions({{"a", {{.id = "1"}}, 1, 0, "x"}, {"b", {{.id = "2"}}, 0, 1, "y"}});
  CHECK(joined.path == "a, b");
  CHECK(joined.questions[1].id == "2");
  CHECK(joined.num_empty_texts + joined.num_unanswerable == 2);
  CHECK(joined.sha256.size() == 64);
}

}  // namespace
}  // namespace llmtool
