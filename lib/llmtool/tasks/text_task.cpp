#include "llmtool/tasks/text_task.h"

#include <cstdio>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/split.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {
namespace {

class ScorePredictor : public TextPredictor {
 public:
  ScorePredictor(TextScorer scorer, std::vector<std::string> value_names, ReadScores read)
      : scorer_(std::move(scorer)), value_names_(std::move(value_names)), read_(std::move(read)) {}

  std::vector<std::string> value_names() const override { return value_names_; }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    const ScoredTexts scored = scorer_.score(texts);
    std::vector<TextPrediction> predictions;
    for (std::size_t index = 0; index < texts.size(); ++index)
      predictions.push_back({read_(scored.scores.row(static_cast<std::int64_t>(index))), scored.num_tokens[index],
                             scored.truncated[index]});
    return predictions;
  }
  std::int64_t max_length() const override { return scorer_.max_length(); }
  std::string max_length_source() const override { return scorer_.max_length_source(); }
  std::vector<std::string> warnings() const override { return scorer_.warnings(); }

 private:
  TextScorer scorer_;
  std::vector<std::string> value_names_;
  ReadScores read_;
};

}  // namespace

TextScorer::TextScorer(TextModel loaded) : TextModel(std::move(loaded)), names_(model()->labels()) {}

TextScorer TextScorer::load(const std::filesystem::path& directory, const SessionOptions& options) {
  return TextScorer(TextModel::load(directory, HeadKind::kSequenceClassification, options));
}

ScoredTexts TextScorer::score(std::span<const TextInput> texts) const {
  if (texts.empty()) return {ScoreTable(0, num_outputs()), {}, {}};
  EncodedTexts encoded = encode_texts(tokenizer(), tokenizer_options(), texts, limits());
  ScoredTexts scored{score_dataset(*model(), encoded.dataset, num_outputs(), scoring_options()), {}, {}};
  for (std::size_t index = 0; index < texts.size(); ++index)
    scored.num_tokens.push_back(encoded.num_tokens(static_cast<std::int64_t>(index)));
  scored.truncated = std::move(encoded.truncated);
  return scored;
}

std::unique_ptr<TextPredictor> make_score_predictor(TextScorer scorer, std::vector<std::string> value_names,
                                                    ReadScores read) {
  return std::make_unique<ScorePredictor>(std::move(scorer), std::move(value_names), std::move(read));
}

Json values_by_name(const std::vector<std::string>& names, std::span<const double> values) {
  Json object = Json::object();
  for (std::size_t index = 0; index < names.size(); ++index) object[names[index]] = values[index];
  return object;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * share);
  return text;
}

std::string short_number(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", number);
  return text;
}

LabelSet labels_of_head(const RunConfig& config, const Json& model_config) {
  if (config.model.head == HeadPolicy::kNew) return {};
  return LabelSet(read_labels(model_config, model_config_path(config.model.from)));
}

std::int64_t TextExamples::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return static_cast<std::int64_t>(encoded.dataset.column<std::int32_t>(kInputIds).row(example).size());
}

std::string TextExamples::describe(std::int64_t example) const {
  return path + ":" + std::to_string(lines[static_cast<std::size_t>(example)]);
}

std::vector<std::vector<std::int32_t>> TextExamples::token_ids(std::int64_t example) const {
  const std::span<const std::int32_t> ids = encoded.dataset.column<std::int32_t>(kInputIds).row(example);
  return {{ids.begin(), ids.end()}};
}

void TextExamples::log_texts(EventSink& events, const std::string& targets, const Json& fields) const {
  Json all = {{"split", name},
              {"file", path},
              {"num_examples", size()},
              {"num_tokens", encoded.num_tokens},
              {"num_truncated", encoded.num_truncated},
              {"num_empty_texts", num_empty_texts},
              {"num_skipped", num_skipped}};
  for (const auto& [key, value] : fields.items()) all[key] = value;
  events.info(name + " data: " + std::to_string(size()) + " rows of " + path + ", " +
                  std::to_string(encoded.num_tokens) + " tokens; " + targets,
              all);
  if (encoded.num_truncated > 0)
    events.warning(name + " data: " + std::to_string(encoded.num_truncated) + " of " + std::to_string(size()) +
                   " texts (" + percent(static_cast<double>(encoded.num_truncated) / static_cast<double>(size())) +
                   ") are longer than tokenizer.max_length " + std::to_string(max_length) +
                   " and were cut; the longest has " + std::to_string(encoded.longest) + " tokens");
  if (num_empty_texts > 0)
    events.warning(name + " data: " + std::to_string(num_empty_texts) + " texts are empty; they are kept");
  if (num_skipped > 0)
    events.warning(name + " data: " + std::to_string(num_skipped) + " rows with unknown labels or none were left out");
}

DataParts<RecordFile> read_record_parts(const RunConfig& config, const RecordColumns& columns) {
  DataParts<RecordFile> parts{read_records(config.data.train.front(), columns), std::nullopt, std::nullopt};
  if (const auto& validation = config.data.validation; validation && validation->share) {
    auto [training, held_out] =
        split_by_share(std::move(parts.training), *validation->share, static_cast<std::uint64_t>(config.seed));
    parts.training = std::move(training);
    parts.validation = std::move(held_out);
  } else if (validation) {
    parts.validation = read_records(validation->file, columns);
  }
  if (config.data.test) parts.test = read_records(*config.data.test, columns);
  return parts;
}

void TextExamplesMaker::fill(TextExamples& examples, const RecordFile& file, const std::vector<Record>& rows,
                             const std::vector<std::int64_t>& label_ids, const std::string& name) const {
  examples.name = name;
  examples.path = file.path;
  examples.sha256 = file.sha256;
  examples.num_empty_texts = file.num_empty_texts;
  examples.max_length = config_.tokenizer.max_length.value();
  examples.encoded = encode_records(rows, label_ids, examples.path, tokenizer_.tokenizer, config_.tokenizer,
                                    num_threads_, "tokenizing " + name, events_, tokenizer_.limits);
  for (const Record& record : rows) examples.lines.push_back(record.line);
}

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
