#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/formats/table_layout.h"

namespace llmtool {

// An answer as it stands in a context.
struct AnswerText {
  std::string text;
  std::int64_t start = 0;  // code points before it
};

// A question about a context, in which its answers stand.
struct Question {
  std::int64_t row = 0;   // among the data rows, from 0
  std::int64_t line = 0;  // where it starts in the file, from 1; 0 in SQuAD's JSON
  std::string id;         // "" where the file has none
  std::string place;      // for messages: "train.json: question 'abc'", "train.jsonl:18: question 'abc'"
  std::string question;
  std::string context;
  std::vector<AnswerText> answers;  // none for a question that the context does not answer
};

// Which columns of a file make a question.
struct QuestionColumns {
  FileFormat format = FileFormat::kAuto;
  bool header = true;
  std::string question = "question";
  std::string context = "context";
  std::string answers = "answers";
  std::string id = "id";  // read where there is such a column
  std::optional<std::int64_t> max_rows;
  TableLayout layout = {};
};

// Questions in memory.
struct QuestionFile {
  std::string path;  // of several files all, "a.json, b.json"
  std::vector<Question> questions;
  // Questions of which the question or the context is empty or only white space. They are kept.
  std::int64_t num_empty_texts = 0;
  std::int64_t num_unanswerable = 0;
  // SHA-256 of the file's bytes, of several files that of their hashes; "" for what can be read only once.
  std::string sha256;
};

// Reads a whole file (max_rows: its beginning): SQuAD's JSON, or rows. Answers are SQuAD's list of
// {"text", "answer_start"}, or Hugging Face's {"text": […], "answer_start": […]}, in CSV and TSV as JSON text; they are
// empty for a question without an answer. Throws DataError with file, line and id: a column that does not exist, a text
// that is no string, answers that are missing or of another form, an answer that is empty, begins outside the context,
// or is not what stands in the context at its start (it says where the text stands); no questions; ResourceError when
// the file cannot be read.
QuestionFile read_questions(const std::string& path, const QuestionColumns& columns);

// The questions of several files behind each other.
QuestionFile join_questions(std::vector<QuestionFile> files);

struct TrainingAndValidationQuestions {
  QuestionFile training;
  QuestionFile validation;
};

// About `share` of the distinct contexts for validation, decided by a seeded hash of the context alone, so that no
// question changes side when the file grows and those about one context stay together. Throws DataError when a part
// would be empty.
TrainingAndValidationQuestions split_questions(QuestionFile file, double share, std::uint64_t seed);

}  // namespace llmtool
