#include "llmtool/commands/eval_predictions.h"

#include <cmath>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

RowValues row_of(const Record& record, const ClassScores& scores, std::int64_t example, const LabelSet& labels) {
  std::vector<double> probabilities;
  for (std::int64_t id = 0; id < labels.size(); ++id)
    probabilities.push_back(std::exp(scores.log_probability(example, id)));
  const std::int64_t gold = scores.gold(example);
  // Avoids -0 for a probability of exactly 1.
  const double loss = 0.0 - scores.log_probability(example, gold);
  return {{"row", record.row},
          {"line", record.line},
          {"gold", labels.name(gold)},
          {"predicted", labels.name(scores.predicted(example))},
          {"scores", scores_by_name(labels, probabilities)},
          {"loss", loss}};
}

}  // namespace

Json scores_by_name(const LabelSet& labels, std::span<const double> probabilities) {
  Json scores = Json::object();
  for (std::int64_t id = 0; id < labels.size(); ++id)
    scores[labels.name(id)] = probabilities[static_cast<std::size_t>(id)];
  return scores;
}

std::unique_ptr<RowWriter> create_eval_predictions(const std::string& path) {
  if (resolve_file_format(path, FileFormat::kAuto) == FileFormat::kText)
    throw DataError(path +
                    ": predictions have several columns, which a text file cannot hold; use .csv, .tsv or .jsonl");
  WriteOptions options;
  options.columns = {"row", "line", "gold", "predicted", "scores", "loss"};
  return create_rows(path, options);
}

void write_eval_predictions(RowWriter& writer, const LabelledRecords& rows, const ClassScores& scores,
                            const LabelSet& labels) {
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    writer.write(row_of(rows.records[static_cast<std::size_t>(example)], scores, example, labels));
}

}  // namespace llmtool
