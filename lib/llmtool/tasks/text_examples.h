#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/data/encode_records.h"
#include "llmtool/data/label_set.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

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

}  // namespace llmtool
