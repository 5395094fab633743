#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/commands/answered_rows_options.h"
#include "llmtool/data/options.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {

// What `llmtool eval` is told; empty or unset: not said.
struct EvalOptions : ModelChoice {
  std::string data;
  FileFormat format = FileFormat::kAuto;
  TableLayout layout = {};
  std::optional<bool> header;
  std::vector<std::string> text_columns;
  std::vector<std::string> label_columns;
  UnknownLabel unknown_label = UnknownLabel::kError;
  std::optional<std::int64_t> max_rows;
  std::string predictions;
  std::vector<std::string> requirements;  // macro_f1>=0.8
  TaskEvalOptions task;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit_data(self, visit);
    ModelChoice::visit_fields(self, visit);
    visit("predictions", self.predictions,
          "Also write row, gold, predicted, scores and loss to this CSV, TSV or JSONL file",
          OptionForm{.value = "FILE"});
    visit("require", self.requirements,
          "Exit with 9 unless the figure holds, for example macro_f1>=0.8; may be repeated",
          OptionForm{.value = "METRIC>=VALUE"});
    TaskEvalOptions::visit_fields(self.task, visit);
  }

 private:
  template <class Self, class Visitor>
  static void visit_data(Self& self, Visitor& visit) {
    visit("data", self.data,
          "Labelled file, - for standard input: CSV, TSV or JSONL, also .gz; language models: text too, and patterns "
          "such as 'corpus/*.txt'; encoders: pairs of texts, no standard input",
          kRequired, OptionForm{.value = "FILE"});
    visit("format", self.format, "csv, tsv, jsonl, squad, text (language models) or auto (by extension)",
          OptionForm{.value = "FORMAT"});
    visit("no_header", self.header, "CSV and TSV: columns have no names but positions 0, 1, …",
          OptionForm{.sets_false = true});
    TableLayout::visit_fields(self.layout, visit);
    visit("text_column", self.text_columns, "Column of the text; twice for pairs (default: as trained, else text)",
          OptionForm{.value = "NAME", .most_values = 2});
    visit("label_column", self.label_columns,
          "Column of the label, or one of several (default: as trained, else label); encoders: of a score of the pair "
          "(default: none)",
          OptionForm{.value = "NAME"});
    visit("unknown_label", self.unknown_label, "Rows whose label the model does not know: error, skip",
          OptionForm{.value = "WHAT"});
    visit("max_rows", self.max_rows, "Read only the first rows", at_least(1), OptionForm{.value = "N"});
  }
};

}  // namespace llmtool
