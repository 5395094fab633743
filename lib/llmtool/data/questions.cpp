#include "llmtool/data/questions.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/data/records.h"
#include "llmtool/data/split.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

std::string place_of(const std::string& path, std::int64_t line, const std::string& id) {
  const std::string position = SourcePosition{path, line, 0}.to_string();
  return id.empty() ? position : position + ": question " + quote(id);
}

// Byte offset behind `count` code points; nothing when there are not as many.
std::optional<std::size_t> offset_of(std::string_view text, std::int64_t count) {
  std::size_t offset = 0;
  for (; count > 0 && offset < text.size(); --count) decode_utf8(text, offset);
  return count == 0 ? std::optional(offset) : std::nullopt;
}

// Where a text that is not at the start given for it does stand, for people who correct the file.
std::string describe_occurrence(std::string_view context, std::string_view text) {
  const std::size_t found = context.find(text);
  if (found == std::string_view::npos) return "the context does not have it anywhere";
  return "it begins at " + std::to_string(count_code_points(context.substr(0, found)));
}

// Reads the cells of one file's rows.
class QuestionReader {
 public:
  QuestionReader(const RowReader& reader, const QuestionColumns& columns)
      : name_(reader.name()),
        columns_(columns),
        question_(column_index(reader, columns.question, "question", kAdvice)),
        context_(column_index(reader, columns.context, "context", kAdvice)),
        answers_(column_index(reader, columns.answers, "answers",
                              "name the right one under data.label, or with --label-column")) {
    const auto id = std::ranges::find(reader.columns(), columns.id);
    if (id != reader.columns().end()) id_ = static_cast<std::size_t>(id - reader.columns().begin());
  }

  Question read(const Row& row, std::int64_t number) const {
    Question question{.row = number, .line = row.line()};
    if (id_) question.id = std::string(row.cell(*id_));
    question.place = place_of(name_, question.line, question.id);
    question.question = text_of(row, question_, columns_.question, question);
    question.context = text_of(row, context_, columns_.context, question);
    question.answers = answers_of(row, question);
    for (const AnswerText& answer : question.answers) check(answer, question);
    return question;
  }

 private:
  static constexpr const char* kAdvice =
      "name the columns of question and context, in this order, under data.text, or with --text-column";

  [[noreturn]] void fail(const Question& question, const std::string& message) const {
    throw DataError(question.place + ": " + message);
  }

  std::string text_of(const Row& row, std::size_t index, const std::string& column, const Question& question) const {
    if (!row.has(index)) fail(question, "the text " + quote(column) + " is missing or null");
    if (row.kind(index) != JsonKind::kString)
      fail(question, "the text " + quote(column) + " is " + describe(row.kind(index)) + ", not a string");
    return std::string(row.cell(index));
  }

  [[noreturn]] void fail_form(const Question& question) const {
    fail(question, "the answers (column " + quote(columns_.answers) +
                       ") are neither a list of {\"text\": …, \"answer_start\": …} nor {\"text\": […], "
                       "\"answer_start\": […]}; both are empty for a question without an answer");
  }

  std::vector<AnswerText> answers_of(const Row& row, const Question& question) const {
    const JsonKind kind = row.kind(answers_);
    if (!row.has(answers_) || row.cell(answers_).empty())
      fail(question,
           "the answers (column " + quote(columns_.answers) + ") are missing; an empty list says that there is none");
    if (kind != JsonKind::kArray && kind != JsonKind::kObject && kind != JsonKind::kString) fail_form(question);
    const Json json = parse(row.cell(answers_), question);
    if (json.is_array()) return listed_answers(json, question);
    return paired_answers(json, question);
  }

  static Json parse(std::string_view answers, const Question& question) {
    try {
      return parse_json(answers, question.place + ": answers", ExitCode::kData);
    } catch (const Error& error) {
      throw DataError(error.what());
    }
  }

  std::vector<AnswerText> listed_answers(const Json& json, const Question& question) const {
    std::vector<AnswerText> answers;
    for (const Json& answer : json) {
      if (!answer.is_object() || !answer.contains("text") || !answer.contains("answer_start")) fail_form(question);
      answers.push_back(make_answer(answer["text"], answer["answer_start"], question));
    }
    return answers;
  }

  std::vector<AnswerText> paired_answers(const Json& json, const Question& question) const {
    if (!json.is_object() || !json.contains("text") || !json.contains("answer_start")) fail_form(question);
    const Json& texts = json["text"];
    const Json& starts = json["answer_start"];
    if (!texts.is_array() || !starts.is_array()) fail_form(question);
    if (texts.size() != starts.size())
      fail(question,
           "there are " + std::to_string(texts.size()) + " answers, but " + std::to_string(starts.size()) + " starts");
    std::vector<AnswerText> answers;
    for (std::size_t i = 0; i < texts.size(); ++i) answers.push_back(make_answer(texts[i], starts[i], question));
    return answers;
  }

  AnswerText make_answer(const Json& text, const Json& start, const Question& question) const {
    if (!text.is_string()) fail(question, "the text of an answer is not a string");
    if (!start.is_number_integer()) fail(question, "the start of an answer is not an integer");
    return {text.get<std::string>(), start.get<std::int64_t>()};
  }

  void check(const AnswerText& answer, const Question& question) const {
    const std::string start = std::to_string(answer.start);
    if (answer.text.empty())
      fail(question, "an answer is empty; a question without an answer has an empty list of answers");
    const auto offset = answer.start < 0 ? std::nullopt : offset_of(question.context, answer.start);
    if (!offset)
      fail(question, "an answer starts at " + start + ", outside the context of " +
                         std::to_string(count_code_points(question.context)) + " characters");
    if (std::string_view(question.context).substr(*offset).starts_with(answer.text)) return;
    fail(question, "the context does not have the answer at its start " + start + " (characters, from 0); " +
                       describe_occurrence(question.context, answer.text));
  }

  std::string name_;
  const QuestionColumns& columns_;
  std::size_t question_;
  std::size_t context_;
  std::size_t answers_;
  std::optional<std::size_t> id_;
};

void count(QuestionFile& file, const Question& question) {
  file.num_empty_texts += is_blank(question.question) || is_blank(question.context);
  file.num_unanswerable += question.answers.empty();
}

}  // namespace

QuestionFile read_questions(const std::string& path, const QuestionColumns& columns) {
  const auto reader =
      open_rows(path, {.format = columns.format, .header = columns.header, .on_bad_row = {}, .layout = columns.layout});
  const QuestionReader question_reader(*reader, columns);
  QuestionFile file;
  file.path = path;
  Row row;
  while ((!columns.max_rows || static_cast<std::int64_t>(file.questions.size()) < *columns.max_rows) &&
         reader->next(row)) {
    file.questions.push_back(question_reader.read(row, static_cast<std::int64_t>(file.questions.size())));
    count(file, file.questions.back());
  }
  if (file.questions.empty()) throw DataError(path + ": there are no questions");
  if (can_be_read_again(path)) file.sha256 = sha256_of_file(path);
  return file;
}

QuestionFile join_questions(std::vector<QuestionFile> files) {
  QuestionFile joined = std::move(files.front());
  if (files.size() == 1) return joined;
  Sha256 hash;
  hash.update(joined.sha256);
  for (QuestionFile& file : std::span(files).subspan(1)) {
    joined.path += ", " + file.path;
    hash.update(file.sha256);
    joined.num_empty_texts += file.num_empty_texts;
    joined.num_unanswerable += file.num_unanswerable;
    std::ranges::move(file.questions, std::back_inserter(joined.questions));
  }
  joined.sha256 = hash.hex_digest();
  return joined;
}

TrainingAndValidationQuestions split_questions(QuestionFile file, double share, std::uint64_t seed) {
  TrainingAndValidationQuestions parts{{file.path, {}, 0, 0, file.sha256}, {file.path, {}, 0, 0, file.sha256}};
  for (Question& question : file.questions) {
    QuestionFile& part = is_validation_text(question.context, share, seed) ? parts.validation : parts.training;
    count(part, question);
    part.questions.push_back(std::move(question));
  }
  constexpr const char* kKept = "questions about one context";
  if (parts.validation.questions.empty()) throw_empty_part(file.path, share, "validation", "question", kKept);
  if (parts.training.questions.empty()) throw_empty_part(file.path, share, "training", "question", kKept);
  return parts;
}

}  // namespace llmtool
