#include "llmtool/tasks/text_evaluation.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/tasks/text_examples.h"

namespace llmtool {
namespace {

// Cutting fewer texts than this is usual.
constexpr double kNotableTruncatedShare = 0.05;

}  // namespace

void log_scorer(const TextScorer& scorer, EventSink& events) {
  for (const std::string& warning : scorer.warnings()) events.warning(warning);
  events.info("texts are cut at " + std::to_string(scorer.max_length()) + " tokens (" + scorer.max_length_source() +
              ")");
}

RecordColumns eval_columns(const EvalRequest& request) {
  const ColumnChoice choice = resolve_columns(request.columns, request.model);
  RecordColumns columns;
  columns.format = request.format;
  columns.header = choice.header.value();
  columns.text = choice.text;
  columns.labels = choice.label;
  columns.max_rows = request.max_rows;
  columns.layout = request.layout;
  columns.keeps_unlabelled = request.unknown_label == UnknownLabel::kSkip;
  return columns;
}

std::unique_ptr<RowWriter> create_eval_predictions(const std::string& path, ColumnNames columns) {
  if (path.empty()) return nullptr;
  if (resolve_file_format(path, FileFormat::kAuto) == FileFormat::kText)
    throw DataError(path +
                    ": predictions have several columns, which a text file cannot hold; use .csv, .tsv or .jsonl");
  WriteOptions options;
  options.columns = std::move(columns);
  return create_rows(path, options);
}

EncodedRecords encode_evaluated(const std::vector<Record>& rows, const std::vector<std::int64_t>& label_ids,
                                const EvalRequest& request, const TextScorer& scorer, EventSink& events) {
  return encode_records(rows, label_ids, request.data, scorer.tokenizer(), scorer.tokenizer_options(),
                        request.num_threads, "tokenizing", events, scorer.limits());
}

ExampleName row_name(const EvalRequest& request, const std::vector<Record>& rows) {
  return [&data = request.data, &rows](std::int64_t row) {
    return SourcePosition{data, rows[static_cast<std::size_t>(row)].line, 0}.to_string();
  };
}

Json counts_of(const EvaluatedTexts& texts, const TextScorer& scorer, const EvalRequest& request) {
  return {{"num_examples", texts.rows.size()},
          {"num_truncated", texts.encoded.num_truncated},
          {"num_empty_texts", texts.num_empty_texts},
          {"num_skipped", texts.num_skipped},
          {"num_tokens", texts.encoded.num_tokens},
          {"max_length", scorer.max_length()},
          {"computed_in", enum_name(request.session.precision)},
          {"seconds", texts.seconds}};
}

std::vector<std::string> doubts_of(const EvaluatedTexts& texts, const TextScorer& scorer) {
  std::vector<std::string> doubts;
  const double truncated = static_cast<double>(texts.encoded.num_truncated) / static_cast<double>(texts.rows.size());
  if (truncated > kNotableTruncatedShare)
    doubts.push_back(percent(truncated) + " of the texts are longer than " + std::to_string(scorer.max_length()) +
                     " tokens and were cut");
  if (texts.num_skipped > 0)
    doubts.push_back(std::to_string(texts.num_skipped) +
                     " rows with labels the model does not know, or none, were left out");
  return doubts;
}

std::string summary_of(const EvaluatedTexts& texts, const TextScorer& scorer, const EvalRequest& request) {
  return request.data + ": " + std::to_string(texts.rows.size()) + " examples, " +
         std::to_string(texts.encoded.num_truncated) + " cut to " + std::to_string(scorer.max_length()) + " tokens, " +
         computed_in(request.session.precision);
}

}  // namespace llmtool
