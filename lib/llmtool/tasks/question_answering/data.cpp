#include "llmtool/tasks/question_answering/data.h"

#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/data/encode_records.h"

namespace llmtool {
namespace {

DataParts<QuestionFile> read_question_files(const RunConfig& config) {
  const QuestionColumns columns = question_columns(config);
  std::vector<QuestionFile> files;
  for (const std::string& path : config.data.train) files.push_back(read_questions(path, columns));
  DataParts<QuestionFile> parts{join_questions(std::move(files)), std::nullopt, std::nullopt};
  if (const auto& validation = config.data.validation; validation && validation->share) {
    auto [training, held_out] =
        split_questions(std::move(parts.training), *validation->share, static_cast<std::uint64_t>(config.seed));
    parts.training = std::move(training);
    parts.validation = std::move(held_out);
  } else if (validation) {
    parts.validation = read_questions(validation->file, columns);
  }
  if (config.data.test) parts.test = read_questions(*config.data.test, columns);
  return parts;
}

struct QuestionEncoder {
  const RunConfig& config;
  const RunTokenizer& tokenizer;
  std::int64_t num_threads;
  EventSink& events;

  QuestionExamples operator()(QuestionFile file, const std::string& name) const {
    QuestionExamples examples;
    examples.name = name;
    examples.path = file.path;
    examples.sha256 = file.sha256;
    examples.settings = {WindowOptions::from(config.tokenizer),
                         config.data.task.question_answering.max_question_length};
    examples.features = encode_questions(file, tokenizer.tokenizer, examples.settings, tokenizer.limits, num_threads,
                                         "tokenizing " + name, events);
    examples.file = std::move(file);
    return examples;
  }
};

// What training needs of a question is in its windows.
void forget_texts(QuestionExamples& examples) {
  for (Question& question : examples.file.questions) {
    question.question = question.context = std::string();
    question.answers = {};
  }
}

std::string of_questions(std::int64_t count, const QuestionExamples& examples) {
  return examples.name + " data: " + std::to_string(count) + " of " + std::to_string(examples.num_units()) +
         " questions";
}

}  // namespace

std::int64_t QuestionExamples::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return std::ssize(features.dataset.column<std::int32_t>(kInputIds).row(example));
}

std::string QuestionExamples::describe(std::int64_t example) const {
  return file.questions[static_cast<std::size_t>(features.dataset.example_id(example))].place;
}

std::vector<std::vector<std::int32_t>> QuestionExamples::token_ids(std::int64_t example) const {
  const std::span<const std::int32_t> ids = features.dataset.column<std::int32_t>(kInputIds).row(example);
  return {{ids.begin(), ids.end()}};
}

void QuestionExamples::log(EventSink& events) const {
  events.info(name + " data: " + std::to_string(num_units()) + " questions of " + path + " (" +
                  std::to_string(file.num_unanswerable) + " without an answer), " + std::to_string(size()) +
                  " windows of up to " + std::to_string(settings.max_length) + " tokens, " +
                  std::to_string(features.num_tokens) + " tokens",
              {{"split", name},
               {"file", path},
               {"num_questions", num_units()},
               {"num_unanswerable", file.num_unanswerable},
               {"num_examples", size()},
               {"num_tokens", features.num_tokens},
               {"num_truncated", num_truncated()},
               {"num_answers_in_no_window", features.num_answers_in_no_window},
               {"num_empty_texts", file.num_empty_texts}});
  if (num_truncated() > 0)
    events.warning(of_questions(num_truncated(), *this) + " are longer than data.max_question_length " +
                   std::to_string(settings.max_question_length.value_or(0)) + " and were cut");
  if (features.num_answers_in_no_window > 0)
    events.warning(of_questions(features.num_answers_in_no_window, *this) +
                   " have an answer that no window holds as a whole; it is learned of them that no window has one. A "
                   "larger tokenizer.stride or tokenizer.max_length helps");
  if (file.num_empty_texts > 0)
    events.warning(of_questions(file.num_empty_texts, *this) + " or their contexts are empty; they are kept");
}

QuestionColumns question_columns(const RunConfig& config) {
  QuestionColumns columns;
  columns.format = config.data.format;
  columns.header = config.data.header;
  columns.question = config.data.text.at(0);
  columns.context = config.data.text.at(1);
  columns.answers = config.data.label.front();
  columns.max_rows = config.data.max_rows;
  columns.layout = config.data.layout;
  return columns;
}

AnswerSettings answer_settings(const RunConfig& config, bool allows_null) {
  const AnswerOptions& options = config.evaluation.task.question_answering;
  AnswerSettings settings;
  settings.search = {options.n_best, options.max_answer_length, options.by_max_context, allows_null};
  settings.rules = options.answer_rules;
  settings.null_threshold = options.null_threshold;
  return settings;
}

DataParts<QuestionExamples> read_question_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                               std::int64_t num_threads, EventSink& events) {
  const QuestionEncoder encode{config, tokenizer, num_threads, events};
  DataParts<QuestionExamples> data = map_parts(read_question_files(config), encode);
  forget_texts(data.training);
  return data;
}

}  // namespace llmtool
