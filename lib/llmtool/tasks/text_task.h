#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/label_set.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/inference/text_model.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// What a model that scores texts says about some of them.
struct ScoredTexts {
  ScoreTable scores;                     // [texts, outputs]
  std::vector<std::int64_t> num_tokens;  // special tokens included, after truncation
  std::vector<bool> truncated;
};

// A model that scores whole texts; what the scores mean is the task's.
class TextScorer : public TextModel {
 public:
  // Throws as TextModel::load.
  static TextScorer load(const std::filesystem::path& directory, const SessionOptions& options = {});

  // The scores of a text depend on it alone. Throws DataError naming the text (from 1) that the tokenizer refuses.
  ScoredTexts score(std::span<const TextInput> texts) const;

  std::int64_t num_outputs() const { return static_cast<std::int64_t>(names_.size()); }
  // Of the outputs, as the model's id2label has them.
  const std::vector<std::string>& names() const { return names_; }

 private:
  explicit TextScorer(TextModel model);

  std::vector<std::string> names_;
};

// The values that the scores of a text stand for; throws NonFiniteError for scores that are no numbers.
using ReadScores = std::function<std::vector<Json>(std::span<const float>)>;

// Says about every text what `read` makes of its scores, a value for each of `value_names`.
std::unique_ptr<TextPredictor> make_score_predictor(TextScorer scorer, std::vector<std::string> value_names,
                                                    ReadScores read);

// {"name": value, …} in the order of the names.
Json values_by_name(const std::vector<std::string>& names, std::span<const double> values);

// Texts, or pairs of texts, of one file as token ids, one feature each. What they are to give stands in the structs of
// the tasks that are made of this one. The texts themselves are not kept.
struct TextExamples : Examples {
  std::int64_t size() const override { return static_cast<std::int64_t>(lines.size()); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe(std::int64_t example) const override;
  std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const override;
  std::int64_t num_truncated() const override { return encoded.num_truncated; }

  EncodedRecords encoded;
  std::vector<std::int64_t> lines;   // of the examples in the file
  std::int64_t num_skipped = 0;      // rows with unknown labels or none
  std::int64_t num_empty_texts = 0;  // they are kept
  std::int64_t max_length = 0;       // tokens at which texts were cut

 protected:
  // Logs "training data: 70 rows of train.csv, 800 tokens; " and `targets`, with `fields` among the structured ones,
  // and warns of what was cut, is empty or was left out.
  void log_texts(EventSink& events, const std::string& targets, const Json& fields) const;
};

// The files of a run's data; data.validation may be a share of the training file.
DataParts<RecordFile> read_record_parts(const RunConfig& config, const RecordColumns& columns);

// Turns the rows of a file into examples, all but what they are to give.
class TextExamplesMaker {
 public:
  TextExamplesMaker(const RunConfig& config, const RunTokenizer& tokenizer, std::int64_t num_threads, EventSink& events)
      : config_(config), tokenizer_(tokenizer), num_threads_(num_threads), events_(events) {}

  // `file` without its records, which are `rows`; `label_ids` as encode_records takes them.
  void fill(TextExamples& examples, const RecordFile& file, const std::vector<Record>& rows,
            const std::vector<std::int64_t>& label_ids, const std::string& name) const;

 private:
  const RunConfig& config_;
  const RunTokenizer& tokenizer_;
  std::int64_t num_threads_;
  EventSink& events_;
};

// What all tasks over whole texts whose model has a head for sequences have in common.
template <class ExamplesOfTask>
class TextTaskOf : public TaskOf<ExamplesOfTask> {
 public:
  // A head that reads the last token must know the padding.
  void adapt(Model& model, const Tokenizer& tokenizer) const override {
    if (const auto padding = tokenizer.pad_id() ? tokenizer.pad_id() : tokenizer.end_of_text_id())
      model.set_missing_padding_id(*padding);
  }
};

// Label names of the head of the model a run starts from, which may fix their order; none where it gets a new one.
LabelSet labels_of_head(const RunConfig& config, const Json& model_config);

// "41.3 %"
std::string percent(double share);
// A number of six digits, for people.
std::string short_number(double number);

// What the evaluations of models that score texts have in common: the file, the counts, and what makes them doubtful.
struct EvaluatedTexts {
  std::vector<Record> rows;
  EncodedRecords encoded;
  std::int64_t num_empty_texts = 0;
  std::int64_t num_skipped = 0;
  double seconds = 0.0;  // of computing, without loading
};

// Tells what was found out when the model was loaded.
void log_scorer(const TextScorer& scorer, EventSink& events);

// The columns of the request, as the model was trained where it leaves them open.
RecordColumns eval_columns(const EvalRequest& request);

// For one row per example; null where no file is asked for. Opened before the long work, so that a folder that cannot
// be written is known at once. Throws DataError for a format without columns, ResourceError.
std::unique_ptr<RowWriter> create_eval_predictions(const std::string& path, ColumnNames columns);

EncodedRecords encode_evaluated(const std::vector<Record>& rows, const std::vector<std::int64_t>& label_ids,
                                const EvalRequest& request, const TextScorer& scorer, EventSink& events);

// Where a row stands, for messages. `rows` must outlive the result.
ExampleName row_name(const EvalRequest& request, const std::vector<Record>& rows);

// Beside the figures: num_examples, num_truncated, …, seconds.
Json counts_of(const EvaluatedTexts& texts, const TextScorer& scorer, const EvalRequest& request);
// Many texts that were cut, rows that were left out.
std::vector<std::string> doubts_of(const EvaluatedTexts& texts, const TextScorer& scorer);
// "test.csv: 500 examples, 3 cut to 128 tokens, computed in fp32"
std::string summary_of(const EvaluatedTexts& texts, const TextScorer& scorer, const EvalRequest& request);

}  // namespace llmtool
