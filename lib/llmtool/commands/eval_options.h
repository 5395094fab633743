#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/commands/answered_rows_options.h"
#include "llmtool/data/language_model_options.h"
#include "llmtool/data/options.h"

namespace llmtool {

// What `llmtool eval` is told; empty or unset: not said.
struct EvalOptions : ModelChoice {
  std::string data;
  FileFormat format = FileFormat::kAuto;
  TableLayout layout = {};
  std::optional<bool> header;
  std::vector<std::string> text_columns;
  std::string label_column;
  UnknownLabel unknown_label = UnknownLabel::kError;
  std::optional<std::int64_t> max_rows;
  std::string positive_label;
  std::string predictions;
  std::vector<std::string> requirements;  // macro_f1>=0.8
  // Language models
  std::optional<DocumentUnit> document;
  std::optional<Packing> packing;
  std::optional<std::int64_t> stride;
  bool pseudo_perplexity = false;

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
    visit_language_models(self, visit);
  }

 private:
  template <class Self, class Visitor>
  static void visit_data(Self& self, Visitor& visit) {
    visit("data", self.data,
          "Labelled file, - for standard input: CSV, TSV or JSONL, also .gz; language models: text too, and patterns "
          "such as 'corpus/*.txt'; encoders: pairs of texts, no standard input",
          kRequired, OptionForm{.value = "FILE"});
    visit("format", self.format, "csv, tsv, jsonl, text (language models) or auto (by extension)",
          OptionForm{.value = "FORMAT"});
    visit("no_header", self.header, "CSV and TSV: columns have no names but positions 0, 1, …",
          OptionForm{.sets_false = true});
    TableLayout::visit_fields(self.layout, visit);
    visit("text_column", self.text_columns, "Column of the text; twice for pairs (default: as trained, else text)",
          OptionForm{.value = "NAME", .most_values = 2});
    visit("label_column", self.label_column,
          "Column of the label (default: as trained, else label); encoders: of a score of the pair (default: none)",
          OptionForm{.value = "NAME"});
    visit("unknown_label", self.unknown_label, "Rows whose label the model does not know: error, skip",
          OptionForm{.value = "WHAT"});
    visit("max_rows", self.max_rows, "Read only the first rows", at_least(1), OptionForm{.value = "N"});
    visit("positive_label", self.positive_label,
          "Of two labels: the one whose precision, recall and F1 are shown (default: the second)",
          OptionForm{.value = "NAME"});
  }

  template <class Self, class Visitor>
  static void visit_language_models(Self& self, Visitor& visit) {
    constexpr const char* kGroup = "Language models";
    visit("document", self.document,
          "What a document of a text file is: line, blank_line, file (default: as trained, else line)",
          OptionForm{.value = "UNIT", .group = kGroup});
    visit("packing", self.packing,
          "blocks of documents behind each other, or lines: each document alone (default: as trained, else blocks)",
          OptionForm{.value = "HOW", .group = kGroup});
    visit("stride", self.stride,
          "Tokens from one window to the next; those both have are context in the second (default: no overlap)",
          at_least(1), OptionForm{.value = "N", .group = kGroup});
    visit("pseudo_perplexity", self.pseudo_perplexity, "Masked language models: hide every token once and alone; slow",
          OptionForm{.group = kGroup});
  }
};

}  // namespace llmtool
