#include <ATen/Functions.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/records.h"
#include "llmtool/inference/embedding_session.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/nn/pooling.h"
#include "llmtool/tasks/contrastive/objective.h"
#include "llmtool/tasks/contrastive/task.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {
namespace {

// Texts that are embedded between two reports of progress.
constexpr std::size_t kTextsAtOnce = 1024;

// A file, a column of texts after the other, as in training.
struct EncoderData {
  std::vector<std::string> names;
  std::vector<RecordFile> columns;
  std::vector<double> gold;  // of pairs; empty without a label column

  std::int64_t num_rows() const { return static_cast<std::int64_t>(columns.front().records.size()); }
  std::int64_t num_empty_texts() const {
    std::int64_t count = 0;
    for (const RecordFile& column : columns) count += column.num_empty_texts;
    return count;
  }
};

std::vector<std::string> text_columns(const EvalRequest& request) {
  std::vector<std::string> columns =
      request.columns.text.empty() ? trained_text_columns(request.model) : request.columns.text;
  if (!request.columns.label.empty() && columns.size() > 2) columns.resize(2);
  if (columns.size() > 1) return columns;
  throw UsageError(request.model.string() +
                   " is an encoder of texts, which is evaluated on pairs: name the column of the texts and that of "
                   "their counterparts, each with --text-column. To classify texts, fine-tune it first with llmtool "
                   "finetune");
}

EncoderData read_data(const EvalRequest& request) {
  EncoderData data{text_columns(request), {}, {}};
  if (request.columns.label.size() > 1) throw UsageError("--label-column names the one score of a pair");
  if (!can_be_read_again(request.data))
    throw DataError("--data " + quote(request.data) +
                    " can be read only once, but the columns of texts are read one after the other; write it to a file "
                    "first");
  RecordColumns columns;
  columns.format = request.format;
  columns.header = resolve_columns(request.columns, request.model).header.value();
  columns.labels = request.columns.label;
  columns.label_form = LabelForm::kNumbers;
  columns.max_rows = request.max_rows;
  columns.layout = request.layout;
  for (const std::string& text : data.names) {
    columns.text = {text};
    data.columns.push_back(read_records(request.data, columns));
    columns.labels.clear();
  }
  for (const Record& record : data.columns.front().records)
    if (!record.numbers.empty()) data.gold.push_back(record.numbers.front());
  return data;
}

struct EncodedColumns {
  std::vector<at::Tensor> vectors;  // [rows, width] each, at length 1
  std::int64_t num_tokens = 0;
  std::int64_t num_truncated = 0;
};

class TextEmbedder {
 public:
  TextEmbedder(const EmbeddingSession& session, const EncoderData& data, EventSink& events)
      : session_(session), data_(data), events_(events) {}

  EncodedColumns embed_columns() {
    EncodedColumns encoded;
    for (const RecordFile& column : data_.columns) encoded.vectors.push_back(embed_column(column, encoded));
    return encoded;
  }

 private:
  at::Tensor embed_column(const RecordFile& column, EncodedColumns& totals) {
    at::Tensor vectors = at::empty({data_.num_rows(), session_.width()});
    float* row = vectors.mutable_data_ptr<float>();
    const std::span<const Record> records(column.records);
    for (std::size_t first = 0; first < records.size(); first += kTextsAtOnce) {
      for (const TextEmbedding& text :
           embed(column, records.subspan(first, std::min(kTextsAtOnce, records.size() - first)))) {
        row = std::ranges::copy(text.values, row).out;
        totals.num_tokens += text.num_tokens;
        totals.num_truncated += text.truncated;
      }
      num_done_ += std::min<std::int64_t>(kTextsAtOnce, static_cast<std::int64_t>(records.size() - first));
      events_.progress({.name = "evaluating",
                        .done = num_done_,
                        .total = data_.num_rows() * static_cast<std::int64_t>(data_.columns.size()),
                        .unit = "texts",
                        .detail = {}});
    }
    return normalize_rows(vectors);
  }

  // A text that cannot be embedded is found by its row.
  std::vector<TextEmbedding> embed(const RecordFile& column, std::span<const Record> records) const {
    std::vector<TextInput> texts;
    for (const Record& record : records) texts.push_back({record.text, std::nullopt});
    try {
      return session_.embed(texts);
    } catch (const DataError&) {
      for (const Record& record : records) embed_alone(column, record);
      throw;
    }
  }

  void embed_alone(const RecordFile& column, const Record& record) const {
    const TextInput text{record.text, std::nullopt};
    try {
      session_.embed({&text, 1});
    } catch (const DataError& error) {
      throw DataError(SourcePosition{column.path, record.line, 0}.to_string() + ": " + error.what());
    }
  }

  const EmbeddingSession& session_;
  const EncoderData& data_;
  EventSink& events_;
  std::int64_t num_done_ = 0;
};

// Of the run that trained the model; of another tool's model, the default of a run.
double temperature_of(const std::filesystem::path& model) {
  if (!path_exists(model / kRunRecordName)) return ContrastiveOptions().temperature;
  return read_run_record(model).config.training.task.contrastive.temperature;
}

MetricReport similarity_report(const EncodedColumns& encoded, const std::vector<double>& gold) {
  const at::Tensor cosines =
      encoded.vectors[0].to(at::kDouble).mul(encoded.vectors[1].to(at::kDouble)).sum(1).contiguous();
  SimilarityScores scores;
  for (std::size_t pair = 0; pair < gold.size(); ++pair) scores.add(cosines.const_data_ptr<double>()[pair], gold[pair]);
  MetricReport report;
  report.metrics = figures_of<SimilarityMetric>(RecordKind::kSimilarityScores, scores);
  report.details["num_examples"] = scores.num_pairs();
  return report;
}

MetricReport make_report(const EvalRequest& request, const EncoderData& data, const EncodedColumns& encoded) {
  if (!data.gold.empty()) return similarity_report(encoded, data.gold);
  const at::TensorList candidates(encoded.vectors.data() + 1, encoded.vectors.size() - 1);
  return retrieval_report(encoded.vectors.front(), at::cat(candidates), temperature_of(request.model));
}

}  // namespace

EvalResult evaluate_encoder(const EvalRequest& request, EventSink& events) {
  const EmbeddingSession session = EmbeddingSession::load(request.model, request.session, {});
  for (const std::string& warning : session.warnings()) events.warning(warning);
  events.info("texts are cut at " + std::to_string(session.max_length()) + " tokens (" + session.max_length_source() +
              ")");
  const EncoderData data = read_data(request);
  const auto start = std::chrono::steady_clock::now();
  const EncodedColumns encoded = TextEmbedder(session, data, events).embed_columns();
  EvalResult result;
  result.report = make_report(request, data, encoded);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.counts = {{"num_truncated", encoded.num_truncated},
                   {"num_empty_texts", data.num_empty_texts()},
                   {"num_tokens", encoded.num_tokens},
                   {"max_length", session.max_length()},
                   {"computed_in", enum_name(request.session.precision)},
                   {"seconds", seconds}};
  result.summary = request.data + ": " + std::to_string(data.num_rows()) + " rows, " +
                   std::to_string(encoded.num_truncated) + " texts cut to " + std::to_string(session.max_length()) +
                   " tokens, " + computed_in(request.session.precision);
  return result;
}

}  // namespace llmtool
