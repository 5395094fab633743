#include "llmtool/tasks/classification/data.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/label_assignment.h"

namespace llmtool {
namespace {

// More labels than this are not listed one by one.
constexpr std::int64_t kMostLabelsLogged = 12;

LabelledExamples make_examples(RecordFile file, const std::string& name, const LabelSet& labels,
                               UnknownLabel unknown_label, const TextExamplesMaker& maker) {
  RecordFile facts{file.path, {}, file.num_empty_texts, file.sha256};
  LabelledRecords rows = assign_labels(std::move(file), labels, unknown_label);
  LabelledExamples examples;
  maker.fill(examples, facts, rows.records, rows.label_ids, name);
  examples.labels = labels;
  examples.num_of_label = std::move(rows.num_examples);
  examples.labels_are_ids = rows.labels_are_ids;
  examples.num_skipped = rows.num_skipped;
  return examples;
}

std::string label_counts(const LabelledExamples& examples) {
  std::string text;
  for (std::int64_t id = 0; id < examples.labels.size() && id < kMostLabelsLogged; ++id)
    text += (id == 0 ? "" : ", ") + examples.labels.name(id) + " " +
            std::to_string(examples.num_of_label[static_cast<std::size_t>(id)]);
  if (examples.labels.size() > kMostLabelsLogged) text += ", … (" + std::to_string(examples.labels.size()) + " labels)";
  return text;
}

}  // namespace

void LabelledExamples::log(EventSink& events) const {
  Json counts = Json::object();
  for (std::int64_t id = 0; id < labels.size(); ++id)
    counts[labels.name(id)] = num_of_label[static_cast<std::size_t>(id)];
  log_texts(events, "labels: " + label_counts(*this), {{"labels_are_ids", labels_are_ids}, {"labels", counts}});
  if (labels_are_ids) events.info(describe_label_ids(path, labels));
}

ClassificationData read_classification_data(const RunConfig& config, const LabelSet& head,
                                            const RunTokenizer& tokenizer, std::int64_t num_threads,
                                            EventSink& events) {
  DataParts<RecordFile> files = read_record_parts(config, RecordColumns::from(config.data));
  ClassificationData data;
  data.choice = choose_labels(files.training, config.data.labels, head);
  for (const std::string& doubt : describe_doubtful_labels(data.choice.labels, config.data.label.front()))
    events.warning("training data: " + doubt);
  const TextExamplesMaker maker(config, tokenizer, num_threads, events);
  data.parts = map_parts(std::move(files), [&](RecordFile file, const std::string& name) {
    return make_examples(std::move(file), name, data.choice.labels, config.data.unknown_label, maker);
  });
  return data;
}

}  // namespace llmtool
