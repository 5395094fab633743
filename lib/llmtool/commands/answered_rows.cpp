#include "llmtool/commands/answered_rows.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "llmtool/commands/rejected_rows.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/data/records.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/row_writer.h"

namespace llmtool {
namespace {

bool contains(const ColumnNames& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TextInput PendingRow::input() const {
  TextInput input{text, pair ? std::optional<std::string_view>(*pair) : std::nullopt};
  if (words) input.words = *words;
  return input;
}

AnswerColumns::AnswerColumns(const RowReader& reader, std::vector<std::string> text_columns,
                             const TextPredictor& predictor, const std::string& prefix)
    : file_(reader.name()),
      input_columns_(reader.columns()),
      text_columns_(std::move(text_columns)),
      reads_words_(predictor.reads_words()) {
  for (const std::string& name : predictor.value_names()) added_columns_.push_back(prefix + name);
  for (const char* name : {"num_tokens", "truncated"}) added_columns_.push_back(prefix + name);
  refuse_taken_names(input_columns_);
}

void AnswerColumns::require_text_columns(const RowReader& reader) const {
  for (const std::string& column : text_columns_) column_index(reader, column, "text", "--text-column names another");
}

void AnswerColumns::refuse_taken_names(const ColumnNames& names) const {
  for (const std::string& added : added_columns_)
    if (contains(names, added))
      throw UsageError(file_ + ": the input already has a column " + quote(added) +
                       ", which the answers would replace; --prefix puts something before the names that are "
                       "added");
}

std::string AnswerColumns::text_of(const Row& row, const std::string& column) const {
  const SourcePosition position{file_, row.line(), 0};
  const auto index = row.index(column);
  if (!index || !row.has(*index))
    throw DataError(position, "the text " + quote(column) + " is missing or null; --text-column names another");
  if (row.kind(*index) != JsonKind::kString)
    throw DataError(position, "the text " + quote(column) + " is " + describe(row.kind(*index)) + ", not a string");
  return std::string(row.cell(*index));
}

std::vector<std::string> AnswerColumns::words_of(const Row& row, std::size_t index) const {
  std::vector<std::string> words;
  for (const Json& word : parse_json(row.cell(index), file_, ExitCode::kData, row.line())) {
    if (!word.is_string())
      throw DataError(SourcePosition{file_, row.line(), 0}, "the list " + quote(text_columns_.front()) +
                                                                " has something that is no word, that is, no string");
    words.push_back(word.get<std::string>());
  }
  return words;
}

PendingRow AnswerColumns::take(const Row& row) const {
  const auto index = row.index(text_columns_.front());
  const bool has_words = reads_words_ && index && row.kind(*index) == JsonKind::kArray;
  PendingRow pending{row.line(), has_words ? "" : text_of(row, text_columns_.front()), std::nullopt, row.values()};
  if (has_words) pending.words = words_of(row, *index);
  if (text_columns_.size() > 1) pending.pair = text_of(row, text_columns_[1]);
  for (const auto& [name, value] : pending.values)
    if (contains(added_columns_, name))
      throw DataError(SourcePosition{file_, row.line(), 0}, "the row has a key " + quote(name) +
                                                                ", which the answers would replace; --prefix puts "
                                                                "something before the names that are added");
  return pending;
}

RowValues AnswerColumns::output_row(PendingRow row, TextPrediction answer) const {
  RowValues values = std::move(row.values);
  auto add = [&, next = added_columns_.begin()](RowValue value) mutable {
    values.emplace_back(*next++, std::move(value));
  };
  for (Json& value : answer.values) add(std::move(value));
  add(answer.num_tokens);
  add(answer.truncated);
  return values;
}

ColumnNames AnswerColumns::output_columns() const {
  ColumnNames columns = input_columns_;
  columns.insert(columns.end(), added_columns_.begin(), added_columns_.end());
  return columns;
}

namespace {

// Long enough for the next lines of a program that writes without pause, too short to be noticed at a terminal.
constexpr int kMomentMilliseconds = 20;

class PromptSource : public ByteSource {
 public:
  PromptSource(std::unique_ptr<ByteSource> source, std::function<void()> before_waiting)
      : source_(std::move(source)), before_waiting_(std::move(before_waiting)) {}

  std::size_t read(char* destination, std::size_t size) override {
    pollfd standard_input{STDIN_FILENO, POLLIN, 0};
    if (poll(&standard_input, 1, kMomentMilliseconds) == 0) before_waiting_();
    return source_->read(destination, size);
  }
  const std::string& name() const override { return source_->name(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::function<void()> before_waiting_;
};

}  // namespace

std::unique_ptr<ByteSource> open_prompt_bytes(const std::string& path, std::function<void()> before_waiting) {
  std::unique_ptr<ByteSource> source = open_bytes(path);
  if (path != "-") return source;
  return std::make_unique<PromptSource>(std::move(source), std::move(before_waiting));
}

namespace {

// As resolve_file_format, but the error names the option.
FileFormat resolve_format(const std::string& path, FileFormat format, const char* option) {
  try {
    return resolve_file_format(path, format);
  } catch (const DataError& error) {
    throw UsageError(std::string(error.what()) + " (" + option + ")");
  }
}

FileFormat input_format(const AnsweredRowsRequest& request) {
  return resolve_format(request.input, request.format, "--format");
}

// Plain text and the formats that are read only cannot hold the added columns.
bool holds_answers(FileFormat format) {
  return format == FileFormat::kCsv || format == FileFormat::kTsv || format == FileFormat::kJsonl;
}

// A table can be written as it was read.
FileFormat format_like_input(const AnsweredRowsRequest& request) {
  const FileFormat format = input_format(request);
  return holds_answers(format) ? format : FileFormat::kJsonl;
}

bool is_matrix(const AnsweredRowsRequest& request) { return request.output.ends_with(".npy"); }

FileFormat output_format(const AnsweredRowsRequest& request) {
  if (request.output_format == FileFormat::kAuto && request.output == "-") return format_like_input(request);
  const FileFormat format = resolve_format(request.output, request.output_format, "--output-format");
  if (!holds_answers(format))
    throw UsageError("answers are columns beside those of the input, which a file of format " +
                     std::string(enum_name(format)) + " cannot hold; use csv, tsv or jsonl for " +
                     quote(request.output));
  return format;
}

// Each of the files has one purpose.
void require_distinct_files(const AnsweredRowsRequest& request) {
  require_distinct_paths({.inputs = {{"--input", request.input}},
                          .folders = {{"the model", request.model}},
                          .outputs = {{"--output", request.output}, {"--rejects", request.rejects}}});
}

// Plain text has one column, whatever the model was trained with.
std::vector<std::string> text_columns(const AnsweredRowsRequest& request, const ColumnChoice& resolved) {
  if (input_format(request) == FileFormat::kText && request.columns.text.empty()) return {"text"};
  return resolved.text;
}

// Reads rows into a chunk, answers the chunk, writes it, and so on until the end of the input.
class AnsweredRows {
 public:
  AnsweredRows(const AnsweredRowsRequest& request, const std::string& what, const TextPredictor& predictor,
               EventSink& events)
      : request_(request), what_(what), predictor_(predictor), events_(events) {
    if (!request.rejects.empty()) rejects_.emplace(request.rejects);
    const ColumnChoice choice = resolve_columns(request.columns, request.model);
    reader_ = open_rows(open_prompt_bytes(request.input, [this] { finish_chunk(); }), read_options(*choice.header));
    columns_.emplace(*reader_, text_columns(request, choice), predictor, request.prefix);
    // An object without the text is a row to be set aside like any other.
    if (!rejects_ || input_format(request) != FileFormat::kJsonl) columns_->require_text_columns(*reader_);
    writer_ = open_output();
  }

  AnsweredRowsResult run() {
    Row row;
    while (reader_->next(row)) {
      take(row);
      if (static_cast<std::int64_t>(chunk_.size()) >= request_.rows_per_chunk) finish_chunk();
    }
    finish_chunk();
    writer_->commit();
    if (rejects_) rejects_->commit();
    result_.num_rejected = rejects_ ? rejects_->num_rows() : 0;
    return result_;
  }

 private:
  ReadOptions read_options(bool header) {
    ReadOptions options;
    options.format = input_format(request_);
    options.header = header;
    options.layout = request_.layout;
    options.on_bad_row = [this](const RowError& error) {
      if (!rejects_) stop_at_bad_row(error.reason);
      rejects_->add(error.line, error.reason, error.text);
    };
    return options;
  }

  [[noreturn]] static void stop_at_bad_row(const std::string& reason) {
    throw DataError(reason + "\n--rejects FILE sets such rows aside and goes on.");
  }

  std::unique_ptr<RowWriter> open_output() const {
    if (is_matrix(request_)) return create_npy_rows(request_.output, columns_->first_added());
    WriteOptions options;
    options.format = output_format(request_);
    options.columns = columns_->output_columns();
    if (request_.output == "-") return create_rows(request_.output_stream, "standard output", options);
    return create_rows(request_.output, options);
  }

  void take(const Row& row) {
    try {
      chunk_.push_back(columns_->take(row));
    } catch (const DataError& error) {
      set_aside(row.line(), error.what(), row.values());
    }
  }

  // Stops without a file for such rows.
  void set_aside(std::int64_t line, const std::string& reason, const RowValues& values) {
    if (!rejects_) stop_at_bad_row(reason);
    rejects_->add(line, reason, values);
  }

  // Before the columns are known, the reader waits for the first row and there is nothing to finish.
  void finish_chunk() {
    if (chunk_.empty()) return;
    std::vector<PendingRow> chunk = std::move(chunk_);
    chunk_.clear();
    if (auto answers = answer_all(chunk)) {
      write(chunk, *answers);
    } else {
      write_one_by_one(chunk);
    }
    writer_->flush();
    events_.progress({.name = what_, .done = result_.num_rows, .unit = "rows", .detail = {}});
  }

  std::vector<TextPrediction> answer(std::span<const PendingRow> rows) const {
    std::vector<TextInput> texts;
    texts.reserve(rows.size());
    for (const PendingRow& row : rows) texts.push_back(row.input());
    return predictor_.predict(texts);
  }

  // Nothing when one of them cannot be answered.
  std::optional<std::vector<TextPrediction>> answer_all(std::span<const PendingRow> rows) const {
    try {
      return answer(rows);
    } catch (const DataError&) {
      return std::nullopt;
    } catch (const NonFiniteError&) {
      return std::nullopt;
    }
  }

  // A row of a file without lines is known by its first value, the id of a question.
  std::string place_of(const PendingRow& row) const {
    const bool has_line = row.line > 0 || row.values.empty();
    if (has_line) return SourcePosition{reader_->name(), row.line, 0}.to_string();
    return reader_->name() + ": " + row.values.front().first + " " + quote(row.values.front().second.cell());
  }

  // Finds the row of a chunk that cannot be answered.
  void write_one_by_one(std::span<PendingRow> rows) {
    for (PendingRow& row : rows) {
      std::vector<TextPrediction> answers;
      try {
        answers = answer({&row, 1});
      } catch (const DataError& error) {
        set_aside(row.line, place_of(row) + ": " + error.what(), row.values);
        continue;
      } catch (const NonFiniteError& error) {
        // The fault is the model's, and other rows may be as wrong without showing it.
        throw NonFiniteError(place_of(row) + ": " + error.what());
      }
      write({&row, 1}, answers);
    }
  }

  void write(std::span<PendingRow> rows, std::span<TextPrediction> answers) {
    for (std::size_t i = 0; i < rows.size(); ++i) write(rows[i], answers[i]);
  }

  void write(PendingRow& row, TextPrediction& answer) {
    const std::int64_t line = row.line;
    const bool is_empty = row.words ? row.words->empty() : is_blank(row.text) || (row.pair && is_blank(*row.pair));
    const std::int64_t num_tokens = answer.num_tokens;
    const bool truncated = answer.truncated;
    RowValues values = columns_->output_row(std::move(row), std::move(answer));
    try {
      writer_->write(values);
    } catch (const DataError& error) {  // the format of the output cannot hold it
      values.resize(columns_->num_own_values(values), {"", nullptr});
      return set_aside(line, DataError(SourcePosition{reader_->name(), line, 0}, error.what()).what(), values);
    }
    ++result_.num_rows;
    result_.num_truncated += truncated;
    result_.num_tokens += num_tokens;
    result_.num_empty_texts += is_empty;
  }

  const AnsweredRowsRequest& request_;
  const std::string& what_;
  const TextPredictor& predictor_;
  EventSink& events_;
  std::optional<RejectWriter> rejects_;
  std::unique_ptr<RowReader> reader_;
  std::optional<AnswerColumns> columns_;
  std::unique_ptr<RowWriter> writer_;
  std::vector<PendingRow> chunk_;
  AnsweredRowsResult result_;
};

// What the output does not have is never passed over without a word.
void warn_of_losses(const AnsweredRowsRequest& request, const AnsweredRowsResult& result, EventSink& events) {
  const std::string rows = std::to_string(result.num_rows + result.num_rejected) + " rows ";
  if (result.num_rejected > 0)
    events.warning(std::to_string(result.num_rejected) + " of " + rows + "were set aside in " + request.rejects);
  if (result.num_truncated > 0)
    events.warning(std::to_string(result.num_truncated) + " of " + rows + "were cut at " +
                   std::to_string(result.max_length) + " tokens; --max-length sets another limit");
}

}  // namespace

Json AnsweredRowsResult::to_json() const {
  return {{"num_rows", num_rows},
          {"num_rejected", num_rejected},
          {"num_truncated", num_truncated},
          {"num_tokens", num_tokens},
          {"num_empty_texts", num_empty_texts},
          {"max_length", max_length},
          {"computed_in", enum_name(precision)},
          {"seconds", seconds}};
}

AnsweredRowsResult answer_rows(const AnsweredRowsRequest& request, const std::string& what,
                               const std::function<std::unique_ptr<TextPredictor>()>& load, EventSink& events) {
  // What is wrong with the request is told before the model is loaded.
  require_distinct_files(request);
  if (!is_matrix(request)) output_format(request);
  if (is_matrix(request) && request.output_format != FileFormat::kAuto)
    throw UsageError("--output-format does not go with " + quote(request.output) + ": .npy holds numbers alone");
  const std::unique_ptr<TextPredictor> predictor = load();
  for (const std::string& warning : predictor->warnings()) events.warning(warning);
  events.debug("texts are cut at " + std::to_string(predictor->max_length()) + " tokens (" +
               predictor->max_length_source() + ")");
  const auto start = std::chrono::steady_clock::now();
  AnsweredRowsResult result = AnsweredRows(request, what, *predictor, events).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.max_length = predictor->max_length();
  warn_of_losses(request, result, events);
  result.precision = request.session.precision;
  return result;
}

}  // namespace llmtool
