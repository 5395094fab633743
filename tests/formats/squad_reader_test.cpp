#include "rows.h"

namespace llmtool {
namespace {

using testing::Cells;
using testing::read_message;

const ReadOptions kSquad{FileFormat::kSquad};

std::string with_questions(const std::string& questions) {
  return R"({"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "Ab cd.", "qas": [)" + questions +
         "]}]}]}";
}

TEST_CASE("SQuAD's questions are rows with the columns of Hugging Face's data set") {
  const auto reader = testing::rows_of(
      with_questions(R"({"id": "q1", "question": "Who?", "answers": [{"text": "cd", "answer_start": 3}]},
                        {"id": 7, "question": "Why?", "answers": [], "is_impossible": true, "plausible_answers": []},
                        {"id": "q3", "question": "What?"})"),
      kSquad);
  CHECK(reader->columns() == ColumnNames{"id", "title", "context", "question", "answers"});
  Row row;
  REQUIRE(reader->next(row));
  CHECK(testing::cells_of(row) == Cells{"q1", "T", "Ab cd.", "Who?", R"({"text":["cd"],"answer_start":[3]})"});
  CHECK(row.kind(4) == JsonKind::kObject);
  REQUIRE(reader->next(row));
  CHECK(testing::cells_of(row)[0] == "7");
  CHECK(testing::cells_of(row)[4] == R"({"text":[],"answer_start":[]})");
  REQUIRE(reader->next(row));
  CHECK_FALSE(row.has(4));
  CHECK_FALSE(reader->next(row));
}

TEST_CASE("Articles and paragraphs without questions are passed over") {
  CHECK(testing::all_cells(R"({"data": [{"paragraphs": []}, {"paragraphs": [{"context": "", "qas": []},
                                {"context": "c", "qas": [{"id": "a", "question": "q"}]}]}]})",
                           kSquad) == std::vector<Cells>{{"a", "", "c", "q", ""}});
}

TEST_CASE("What is wrong in SQuAD's JSON is named with its place or id") {
  const auto message = [](const std::string& questions) { return read_message(with_questions(questions), kSquad); };
  CHECK(message(R"({"question": "Who?"})") == "in: data[0].paragraphs[0].qas[0]: the member \"id\" is missing");
  CHECK(message(R"({"id": "x", "question": 3})") ==
        "in: data[0].paragraphs[0].qas[0], question 'x': \"question\" is a number, not a string");
  CHECK(message(R"({"id": "x", "question": "", "answers": [{"text": "a"}]})") ==
        "in: data[0].paragraphs[0].qas[0], question 'x': the member \"answer_start\" is missing");
  CHECK(message(R"({"id": "x", "question": "", "answers": [{"text": "a", "answer_start": "0"}]})") ==
        "in: data[0].paragraphs[0].qas[0], question 'x': \"answer_start\" is a string, not an integer");
  CHECK(
      message(R"({"id": "x", "question": "", "is_impossible": true, "answers": [{"text": "A", "answer_start": 0}]})") ==
      "in: data[0].paragraphs[0].qas[0], question 'x': the question is_impossible, and has answers");
  CHECK(message("3") == "in: data[0].paragraphs[0].qas[0]: this is a number, not an object");
  CHECK(read_message(R"({"data": [{"title": "T"}]})", kSquad) == "in: data[0]: the member \"paragraphs\" is missing");
  CHECK_THAT(read_message("[1]", kSquad), Catch::Contains("not the JSON of SQuAD"));
  CHECK_THAT(read_message("{\"text\": 1}\n{\"text\": 2}", kSquad), Catch::Contains("an object a line is jsonl"));
  CHECK_THAT(read_message("", kSquad), Catch::Contains("empty"));
}

TEST_CASE("A bad question is set aside where that is asked for") {
  std::vector<RowError> errors;
  ReadOptions options = kSquad;
  options.on_bad_row = [&](const RowError& error) { errors.push_back(error); };
  const auto cells = testing::all_cells(with_questions(R"({"id": "x"}, {"id": "y", "question": "Q"})"), options);
  CHECK(cells.size() == 1);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].text == R"({"id":"x"})");
}

}  // namespace
}  // namespace llmtool
