#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "llmtool/data/label_assignment.h"
#include "llmtool/data/label_set.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/metrics/class_scores.h"

namespace llmtool {

// Opens a file of one row per example: row (its number among the data rows, from 0), line, gold, predicted, scores (an
// object by label name; in CSV and TSV its JSON text) and loss (-log probability of gold). The file appears with
// commit(). Throws DataError for an extension other than CSV, TSV and JSONL, ResourceError when it cannot be written.
std::unique_ptr<RowWriter> create_eval_predictions(const std::string& path);

void write_eval_predictions(RowWriter& writer, const LabelledRecords& rows, const ClassScores& scores,
                            const LabelSet& labels);

// {"name": probability, …} in the order of the labels.
Json scores_by_name(const LabelSet& labels, std::span<const double> probabilities);

}  // namespace llmtool
