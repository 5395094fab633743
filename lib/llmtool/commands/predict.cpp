#include "llmtool/commands/predict.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "llmtool/commands/predict_columns.h"
#include "llmtool/commands/predict_rejects.h"
#include "llmtool/commands/predict_source.h"
#include "llmtool/core/errors.h"
#include "llmtool/data/blank_text.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/inference/classification_session.h"

namespace llmtool {
namespace {

SessionOptions session_options(const PredictRequest& request) {
  SessionOptions options;
  options.device = request.device;
  options.scoring.batch_size = request.batch_size;
  options.max_length = request.max_length;
  return options;
}

// As resolve_file_format, but the error names the option.
FileFormat resolve_format(const std::string& path, FileFormat format, const char* option) {
  try {
    return resolve_file_format(path, format);
  } catch (const DataError& error) {
    throw UsageError(std::string(error.what()) + " (" + option + ")");
  }
}

FileFormat input_format(const PredictRequest& request) {
  return resolve_format(request.input, request.format, "--format");
}

// A table can be written as it was read; plain text cannot hold the added columns.
FileFormat format_like_input(const PredictRequest& request) {
  const FileFormat format = input_format(request);
  return format == FileFormat::kText ? FileFormat::kJsonl : format;
}

FileFormat output_format(const PredictRequest& request) {
  if (request.output_format == FileFormat::kAuto && request.output == "-") return format_like_input(request);
  const FileFormat format = resolve_format(request.output, request.output_format, "--output-format");
  if (format == FileFormat::kText)
    throw UsageError("predictions have several columns, which a text file cannot hold; use csv, tsv or jsonl for " +
                     quote(request.output));
  return format;
}

bool is_same_file(const std::string& left, const std::string& right) {
  std::error_code error;  // a file that is not there yet is compared by its name
  return left != "-" && !left.empty() && (left == right || std::filesystem::equivalent(left, right, error));
}

// Each of the files has one purpose.
void require_distinct_files(const PredictRequest& request) {
  if (is_same_file(request.input, request.output))
    throw UsageError("--output " + request.output + " is the input; choose another file");
  if (is_same_file(request.rejects, request.output) || is_same_file(request.rejects, request.input))
    throw UsageError("--rejects " + request.rejects + " is the input or the output; choose another file");
}

// Plain text has one column, whatever the model was trained with.
std::vector<std::string> text_columns(const PredictRequest& request, const ColumnChoice& resolved) {
  if (input_format(request) == FileFormat::kText && request.columns.text.empty()) return {"text"};
  return resolved.text;
}

// Reads rows into a chunk, classifies the chunk, writes it, and so on until the end of the input.
class Predictor {
 public:
  Predictor(const PredictRequest& request, const ClassificationSession& session, EventSink& events)
      : request_(request), session_(session), events_(events) {
    if (!request.rejects.empty()) rejects_.emplace(request.rejects);
    const ColumnChoice choice = resolve_columns(request.columns, request.model);
    reader_ = open_rows(open_prompt_bytes(request.input, [this] { finish_chunk(); }), read_options(*choice.header));
    columns_.emplace(*reader_, text_columns(request, choice), request.prefix);
    writer_ = open_output();
  }

  PredictResult run() {
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
      if (!rejects_) stop_at_bad_row(error.what());
      rejects_->add(row.line(), error.what(), row.values());
    }
  }

  // Before the columns are known, the reader waits for the first row and there is nothing to finish.
  void finish_chunk() {
    if (chunk_.empty()) return;
    std::vector<PendingRow> chunk = std::move(chunk_);
    chunk_.clear();
    if (const auto classifications = classify_all(chunk)) {
      write(chunk, *classifications);
    } else {
      write_one_by_one(chunk);
    }
    writer_->flush();
    events_.progress({.name = "predicting", .done = result_.num_rows, .unit = "rows", .detail = {}});
  }

  std::vector<Classification> classify(std::span<const PendingRow> rows) const {
    std::vector<TextInput> texts;
    texts.reserve(rows.size());
    for (const PendingRow& row : rows) texts.push_back(row.input());
    return session_.classify(texts);
  }

  // Nothing when the tokenizer refuses one of them.
  std::optional<std::vector<Classification>> classify_all(std::span<const PendingRow> rows) const {
    try {
      return classify(rows);
    } catch (const DataError&) {
      return std::nullopt;
    }
  }

  // Finds the row of a chunk that cannot be predicted.
  void write_one_by_one(std::span<PendingRow> rows) {
    for (PendingRow& row : rows) {
      std::vector<Classification> classification;
      try {
        classification = classify({&row, 1});
      } catch (const DataError& error) {
        const DataError located(SourcePosition{reader_->name(), row.line, 0}, error.what());
        if (!rejects_) stop_at_bad_row(located.what());
        rejects_->add(row.line, located.what(), row.values);
        continue;
      }
      write({&row, 1}, classification);
    }
  }

  void write(std::span<PendingRow> rows, std::span<const Classification> classifications) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++result_.num_rows;
      result_.num_truncated += classifications[i].truncated;
      result_.num_tokens += classifications[i].num_tokens;
      result_.num_empty_texts += is_blank(rows[i].text) || (rows[i].pair && is_blank(*rows[i].pair));
      writer_->write(columns_->output_row(std::move(rows[i]), classifications[i], session_.labels()));
    }
  }

  const PredictRequest& request_;
  const ClassificationSession& session_;
  EventSink& events_;
  std::optional<RejectWriter> rejects_;
  std::unique_ptr<RowReader> reader_;
  std::optional<PredictColumns> columns_;
  std::unique_ptr<RowWriter> writer_;
  std::vector<PendingRow> chunk_;
  PredictResult result_;
};

}  // namespace

Json PredictResult::to_json() const {
  return {{"num_rows", num_rows},
          {"num_rejected", num_rejected},
          {"num_truncated", num_truncated},
          {"num_tokens", num_tokens},
          {"num_empty_texts", num_empty_texts},
          {"max_length", max_length},
          {"computed_in", "fp32"},
          {"seconds", seconds}};
}

PredictResult predict_file(const PredictRequest& request, EventSink& events) {
  // What is wrong with the request is told before the model is loaded.
  require_distinct_files(request);
  output_format(request);
  const ClassificationSession session = ClassificationSession::load(request.model, session_options(request));
  events.debug("texts are cut at " + std::to_string(*session.tokenizer_options().max_length) + " tokens (" +
               session.max_length_source() + ")");
  const auto start = std::chrono::steady_clock::now();
  PredictResult result = Predictor(request, session, events).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.max_length = *session.tokenizer_options().max_length;
  return result;
}

}  // namespace llmtool
