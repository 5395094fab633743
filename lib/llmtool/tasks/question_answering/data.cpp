#include "llmtool/tasks/question_answering/data.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/parallel.h"
#include "llmtool/core/text.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {
namespace {

constexpr std::int64_t kQuestionsPerChunk = 64;
// The number of the context in Encoding::sequence_ids.
constexpr std::int32_t kContext = 1;

std::string_view without_space_before(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t next = 0; next < text.size(); begin = next)
    if (!character_properties(decode_utf8(text, next)).is(CharacterProperties::kWhitespace)) break;
  return text.substr(begin);
}

std::string_view first_code_points(std::string_view text, std::int64_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) decode_utf8(text, end);
  return text.substr(0, end);
}

// Fits questions to their room. What is left of a cut one may have more tokens than its text had there, so that it is
// cut again.
class QuestionCutter {
 public:
  QuestionCutter(const Tokenizer& tokenizer, std::int64_t max_length)
      : tokenizer_(tokenizer), max_length_(max_length) {}

  std::string_view cut(std::string_view question) const {
    for (std::int64_t kept = max_length_; kept > 0; --kept) {
      const Encoding encoding = encode(question);
      if (num_text_tokens(encoding) <= max_length_) return question;
      question = first_code_points(question, end_of(encoding, kept));
    }
    return question;
  }

 private:
  Encoding encode(std::string_view question) const { return tokenizer_.encode(question, {.offsets = true}); }

  static std::int64_t num_text_tokens(const Encoding& encoding) { return std::ranges::count(encoding.sequence_ids, 0); }

  // Code points up to the end of the text's token with this number, from 1.
  static std::int64_t end_of(const Encoding& encoding, std::int64_t number) {
    for (std::size_t token = 0; token < encoding.ids.size(); ++token)
      if (encoding.sequence_ids[token] == 0 && --number == 0) return encoding.offsets[token].end;
    return 0;
  }

  const Tokenizer& tokenizer_;
  std::int64_t max_length_;
};

// Tokens of the context that fit behind the question.
std::int64_t room_for_context(const Tokenizer& tokenizer, std::string_view question,
                              const QuestionWindowOptions& settings) {
  const auto num_tokens =
      static_cast<std::int64_t>(tokenizer.encode(question).ids.size()) - tokenizer.num_special_tokens(false);
  const std::int64_t room = settings.max_length - tokenizer.num_special_tokens(true) - num_tokens;
  if (room > 0) return room;
  throw DataError("the question has " + std::to_string(num_tokens) +
                  " tokens, which leaves no room for the context in " + std::to_string(settings.max_length) +
                  "; cut such questions with data.max_question_length, or raise tokenizer.max_length");
}

ContextWindow describe_window(Encoding encoding) {
  ContextWindow window{std::move(encoding)};
  const auto& ids = window.encoding.sequence_ids;
  const auto first = std::ranges::find(ids, kContext);
  window.first_token = first == ids.end() ? 0 : first - ids.begin();
  window.num_tokens = std::ranges::count(ids, kContext);
  return window;
}

}  // namespace

QuestionWindows encode_question(const Tokenizer& tokenizer, std::string_view question, std::string_view context,
                                const QuestionWindowOptions& settings, const EmbeddingLimits& limits) {
  question = without_space_before(question);
  const std::size_t whole = question.size();
  if (settings.max_question_length) question = QuestionCutter(tokenizer, *settings.max_question_length).cut(question);
  const std::int64_t room = room_for_context(tokenizer, question, settings);
  const std::int64_t stride = settings.stride < room ? settings.stride : room / 2;
  QuestionWindows result{{}, question.size() < whole};
  for (Encoding& encoding :
       tokenizer.encode_windows(question, context, {.max_length = settings.max_length, .stride = stride})) {
    limits.apply(tokenizer, encoding);
    result.windows.push_back(describe_window(std::move(encoding)));
    result.windows.back().first_place = (std::ssize(result.windows) - 1) * (room - stride);
  }
  return result;
}

AnswerTokens answer_tokens(const ContextWindow& window, std::int64_t begin_character, std::int64_t end_character) {
  const auto offset = [&](std::int64_t token) { return window.encoding.offsets[static_cast<std::size_t>(token)]; };
  const std::int64_t first = window.first_token;
  const std::int64_t last = first + window.num_tokens - 1;
  if (window.num_tokens == 0 || offset(first).begin > begin_character || offset(last).end < end_character) return {};
  AnswerTokens tokens{first, last};
  while (tokens.start < last && offset(tokens.start + 1).begin <= begin_character) ++tokens.start;
  while (tokens.end > first && offset(tokens.end - 1).end >= end_character) --tokens.end;
  return tokens;
}

namespace {

// The windows of some consecutive questions.
using Chunk = std::vector<QuestionWindows>;

class FeatureEncoder {
 public:
  FeatureEncoder(const QuestionFile& file, const Tokenizer& tokenizer, const QuestionWindowOptions& settings,
                 const EmbeddingLimits& limits)
      : file_(file), tokenizer_(tokenizer), settings_(settings), limits_(limits) {}

  std::int64_t num_questions() const { return std::ssize(file_.questions); }
  std::int64_t num_chunks() const { return (num_questions() + kQuestionsPerChunk - 1) / kQuestionsPerChunk; }

  Chunk encode(std::int64_t index) const {
    Chunk chunk;
    const std::int64_t end = std::min((index + 1) * kQuestionsPerChunk, num_questions());
    for (std::int64_t i = index * kQuestionsPerChunk; i < end; ++i)
      chunk.push_back(encode(file_.questions[static_cast<std::size_t>(i)]));
    return chunk;
  }

 private:
  QuestionWindows encode(const Question& question) const {
    try {
      return encode_question(tokenizer_, question.question, question.context, settings_, limits_);
    } catch (const DataError& error) {
      throw DataError(question.place.empty() ? error.what() : question.place + ": " + error.what());
    }
  }

  const QuestionFile& file_;
  const Tokenizer& tokenizer_;
  const QuestionWindowOptions& settings_;
  const EmbeddingLimits& limits_;
};

// Builds the features, a window after the other.
class FeatureBuilder {
 public:
  FeatureBuilder() {
    features_.dataset.add_column<std::int32_t>(std::string(kInputIds));
    features_.dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
    features_.dataset.add_column<std::int64_t>(std::string(kAnswerTokens));
  }

  void add(const Question& question, const QuestionWindows& windows) {
    features_.first_features.push_back(features_.dataset.num_features());
    features_.are_cut.push_back(windows.is_question_cut);
    features_.num_cut_questions += windows.is_question_cut;
    bool is_in_a_window = question.answers.empty();
    for (const ContextWindow& window : windows.windows) {
      const AnswerTokens tokens = tokens_of(question, window);
      is_in_a_window = is_in_a_window || tokens.end > 0;
      add(window, tokens);
    }
    features_.num_answers_in_no_window += !is_in_a_window;
    ++num_questions_;
  }

  QuestionFeatures finish() {
    features_.first_features.push_back(features_.dataset.num_features());
    return std::move(features_);
  }

 private:
  static AnswerTokens tokens_of(const Question& question, const ContextWindow& window) {
    if (question.answers.empty()) return {};
    const AnswerText& answer = question.answers.front();
    return answer_tokens(window, answer.start,
                         answer.start + static_cast<std::int64_t>(count_code_points(answer.text)));
  }

  void add(const ContextWindow& window, const AnswerTokens& tokens) {
    EncodedDataset& dataset = features_.dataset;
    dataset.column<std::int32_t>(kInputIds).append(window.encoding.ids);
    dataset.column<std::int32_t>(kTokenTypeIds).append(window.encoding.type_ids);
    const std::int64_t places[]{tokens.start, tokens.end};
    dataset.column<std::int64_t>(kAnswerTokens).append(places);
    dataset.finish_feature(num_questions_);
    features_.offsets.append(
        std::span(window.encoding.offsets)
            .subspan(static_cast<std::size_t>(window.first_token), static_cast<std::size_t>(window.num_tokens)));
    features_.first_tokens.push_back(window.first_token);
    features_.first_places.push_back(window.first_place);
    features_.num_tokens += std::ssize(window.encoding.ids);
  }

  QuestionFeatures features_;
  std::int64_t num_questions_ = 0;
};

}  // namespace

std::int64_t QuestionFeatures::num_tokens_of(std::int64_t question) const {
  const auto& ids = dataset.column<std::int32_t>(kInputIds);
  std::int64_t count = 0;
  const auto place = static_cast<std::size_t>(question);
  for (std::int64_t feature = first_features[place]; feature < first_features[place + 1]; ++feature)
    count += std::ssize(ids.row(feature));
  return count;
}

QuestionFeatures encode_questions(const QuestionFile& file, const Tokenizer& tokenizer,
                                  const QuestionWindowOptions& settings, const EmbeddingLimits& limits,
                                  std::int64_t num_threads, const std::string& what, EventSink& events) {
  const FeatureEncoder encoder(file, tokenizer, settings, limits);
  std::vector<Chunk> chunks(static_cast<std::size_t>(encoder.num_chunks()));
  parallel_for(
      encoder.num_chunks(), num_threads,
      [&](std::int64_t index) { chunks[static_cast<std::size_t>(index)] = encoder.encode(index); },
      [&](std::int64_t num_begun) {
        const std::int64_t done = std::min(num_begun * kQuestionsPerChunk, encoder.num_questions());
        events.progress(
            {.name = what, .done = done, .total = encoder.num_questions(), .unit = "questions", .detail = {}});
      });
  FeatureBuilder builder;
  auto question = file.questions.begin();
  for (Chunk& chunk : chunks) {
    for (const QuestionWindows& windows : chunk) builder.add(*question++, windows);
    chunk = Chunk();  // its memory is not needed twice
  }
  return builder.finish();
}

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

// Training needs nothing of a question but its windows.
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

DataParts<QuestionExamples> read_question_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                               std::int64_t num_threads, EventSink& events) {
  const QuestionEncoder encode{config, tokenizer, num_threads, events};
  DataParts<QuestionExamples> data = map_parts(read_question_files(config), encode);
  forget_texts(data.training);
  return data;
}

}  // namespace llmtool
