#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "llmtool/core/fields.h"
#include "llmtool/core/precision.h"
#include "llmtool/formats/table_layout.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {

// Which model answers, and how; what the machine decides is open yet.
struct ModelChoice {
  std::filesystem::path model;
  std::optional<std::int64_t> max_length;
  std::int64_t batch_size = 64;
  Precision precision = Precision::kFp32;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("model", self.model, "Model directory, written by llmtool or Hugging Face", kRequired,
          OptionForm{.value = "MODEL", .is_positional = true});
    visit("max_length", self.max_length, "Cut texts to this many tokens (default: as trained)", at_least(1),
          OptionForm{.value = "N"});
    visit("batch_size", self.batch_size, "Rows computed at once; does not change the result",
          in_range<std::int64_t>(1, 65536), OptionForm{.value = "N"});
    visit("precision", self.precision,
          "Numbers of the matrix products: fp32, bf16 (faster, about three digits), or auto: bf16 where the processor "
          "computes it natively",
          OptionForm{.value = "TYPE", .refused = "fp16"});
  }
};

// What the verbs are told that answer a file of texts row by row.
struct AnsweredRowsOptions : ModelChoice {
  std::string input;         // "-": standard input, which needs `format`
  std::string output = "-";  // "-": a stream; a file appears whole or not at all
  FileFormat format = FileFormat::kAuto;
  // kAuto: by the output's extension; for a stream as the input, JSONL where that is text.
  FileFormat output_format = FileFormat::kAuto;
  TableLayout layout = {};
  ColumnChoice columns;  // the label column is not used
  // CSV or JSONL file for rows that cannot be answered; "": such a row is an error.
  std::string rejects;
  std::string prefix;  // put before the names of the added columns

 protected:
  // The texts that differ from verb to verb.
  struct Help {
    const char* output;
    const char* text_column;
  };

  template <class Self, class Visitor>
  static void visit_rows(Self& self, Visitor& visit, const Help& help) {
    visit("input", self.input, "File of texts, - for standard input", kRequired, OptionForm{.value = "FILE"});
    visit("output", self.output, help.output, OptionForm{.value = "FILE"});
    visit("format", self.format, "Format of the input: csv, tsv, jsonl, text, squad or auto (by extension)",
          OptionForm{.value = "FORMAT"});
    visit("output_format", self.output_format,
          "Format of the output: csv, tsv, jsonl or auto (by extension, else as the input, jsonl for text and squad)",
          OptionForm{.value = "FORMAT"});
    visit("no_header", self.columns.header, "CSV and TSV: columns have no names but positions 0, 1, …",
          OptionForm{.sets_false = true});
    TableLayout::visit_fields(self.layout, visit);
    visit("text_column", self.columns.text, help.text_column, OptionForm{.value = "NAME", .most_values = 2});
    visit("rejects", self.rejects, "Write rows that cannot be read here, with the reason, and go on",
          OptionForm{.value = "FILE"});
    visit("prefix", self.prefix, "Put this before the names of the added columns", OptionForm{.value = "TEXT"});
    ModelChoice::visit_fields(self, visit);
  }
};

}  // namespace llmtool
