#include "llmtool/commands/predict.h"

#include <chrono>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/tagged_sentences.h"
#include "llmtool/formats/byte_stream.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/task_makers.h"

namespace llmtool {
namespace {

void refuse_other_options(const AnsweredRowsRequest& request) {
  const auto refuse = [](bool is_given, const std::string& option) {
    if (is_given) throw UsageError(option + " has no meaning for CoNLL columns, which come back with a column of tags");
  };
  refuse(!request.rejects.empty(), "--rejects");
  refuse(!request.prefix.empty(), "--prefix");
  refuse(request.columns.header.has_value(), "--no-header");
  refuse(request.columns.text.size() > 1, "a second --text-column");
  refuse(request.layout.delimiter != Delimiter::kAuto, "--delimiter");
  const FileFormat format = request.output_format;
  refuse(format != FileFormat::kAuto && format != FileFormat::kConll,
         "--output-format " + std::string(enum_name(format)));
}

// The column the model was trained with, where it was one of columns with numbers.
std::string word_column(const AnsweredRowsRequest& request) {
  const std::string column = resolve_columns(request.columns, request.model).text.front();
  const bool is_number = column.find_first_not_of("-0123456789") == std::string::npos;
  return is_number || !request.columns.text.empty() ? column : TaggedColumns().words;
}

class TaggedColumnWriter {
 public:
  explicit TaggedColumnWriter(const AnsweredRowsRequest& request)
      : sink_(request.output == "-" ? bytes_to_stream(request.output_stream, "standard output")
                                    : create_bytes(request.output)) {}

  void write(const TaggedSentence& sentence, const std::vector<std::string>& tags) {
    std::string text;
    for (std::size_t row = 0; row < sentence.rows.size(); ++row) {
      text += sentence.rows[row];
      if (const std::int64_t word = sentence.word_of_row[row]; word >= 0)
        text += separator_of(sentence.rows[row]) + tags[static_cast<std::size_t>(word)];
      text += '\n';
    }
    sink_->write(text);
  }
  void flush() { sink_->flush(); }
  void commit() { sink_->commit(); }

 private:
  // Lines of one column get a tab.
  static std::string separator_of(const std::string& row) {
    return row.find('\t') == std::string::npos && row.find(' ') != std::string::npos ? " " : "\t";
  }

  std::unique_ptr<ByteSink> sink_;
};

class ColumnTagging {
 public:
  ColumnTagging(const AnsweredRowsRequest& request, const SentenceTagger& tagger, EventSink& events)
      : request_(request),
        tagger_(tagger),
        events_(events),
        reader_(open_tagged(request.input, {.format = FileFormat::kConll,
                                            .words = word_column(request),
                                            .has_tags = false,
                                            .max_sentences = {},
                                            .layout = request.layout})),
        writer_(request) {}

  AnsweredRowsResult run() {
    TaggedSentence sentence;
    while (reader_->next(sentence)) {
      chunk_.push_back(std::move(sentence));
      if (static_cast<std::int64_t>(chunk_.size()) >= request_.rows_per_chunk) finish_chunk();
    }
    finish_chunk();
    writer_.commit();
    return result_;
  }

 private:
  std::vector<SentenceTags> tag() const {
    std::vector<std::vector<std::string>> words;
    for (TaggedSentence const& sentence : chunk_) words.push_back(sentence.words);
    try {
      return tagger_.tag(words);
    } catch (const DataError&) {
      find_bad_sentence(words);
      throw;
    } catch (const NonFiniteError&) {
      find_bad_sentence(words);
      throw;
    }
  }

  // Throws the error with its place.
  void find_bad_sentence(const std::vector<std::vector<std::string>>& words) const {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const SourcePosition position{request_.input, chunk_[i].line, 0};
      try {
        tagger_.tag({&words[i], 1});
      } catch (const DataError& error) {
        throw DataError(position, error.what());
      } catch (const NonFiniteError& error) {
        throw NonFiniteError(position, error.what());
      }
    }
  }

  void finish_chunk() {
    if (chunk_.empty()) return;
    const std::vector<SentenceTags> tags = tag();
    for (std::size_t i = 0; i < chunk_.size(); ++i) {
      writer_.write(chunk_[i], tags[i].tags);
      if (chunk_[i].words.empty()) continue;
      ++result_.num_rows;
      result_.num_tokens += tags[i].num_tokens;
    }
    chunk_.clear();
    writer_.flush();
    events_.progress({.name = "predicting", .done = result_.num_rows, .unit = "sentences", .detail = {}});
  }

  const AnsweredRowsRequest& request_;
  const SentenceTagger& tagger_;
  EventSink& events_;
  std::unique_ptr<TaggedReader> reader_;
  TaggedColumnWriter writer_;
  std::vector<TaggedSentence> chunk_;
  AnsweredRowsResult result_;
};

}  // namespace

bool is_tagged_columns(const AnsweredRowsRequest& request) {
  if (request.input == "-" && request.format == FileFormat::kAuto) return false;
  try {
    return resolve_file_format(request.input, request.format) == FileFormat::kConll;
  } catch (const DataError&) {
    return false;  // told where rows are read
  }
}

AnsweredRowsResult tag_columns(const AnsweredRowsRequest& request,
                               const std::function<std::unique_ptr<SentenceTagger>()>& load, EventSink& events) {
  require_distinct_paths({.inputs = {{"--input", request.input}},
                          .folders = {{"the model", request.model}},
                          .outputs = {{"--output", request.output}}});
  refuse_other_options(request);
  const std::unique_ptr<SentenceTagger> tagger = load();
  for (const std::string& warning : tagger->warnings()) events.warning(warning);
  events.debug("sentences are read in windows of " + std::to_string(tagger->max_length()) + " tokens (" +
               tagger->max_length_source() + ")");
  const auto start = std::chrono::steady_clock::now();
  AnsweredRowsResult result = ColumnTagging(request, *tagger, events).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.max_length = tagger->max_length();
  result.precision = request.session.precision;
  return result;
}

AnsweredRowsResult predict_file(const PredictRequest& request, EventSink& events) {
  const PredictorOptions options{request.model, request.session, request.fill_mask, request.task};
  if (is_tagged_columns(request))
    return tag_columns(
        request, [&] { return make_tagger(options); }, events);
  const auto load = [&] { return make_predictor(options); };
  return answer_rows(request, "predicting", load, events);
}

}  // namespace llmtool
