#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/data/language_model_options.h"
#include "llmtool/formats/table_layout.h"

namespace llmtool {

// Where validation rows come from: a share of the training file in (0, 1), or a file of their own.
struct ShareOrFile {
  std::optional<double> share;
  std::string file;  // "" when a share is given

  // Throws ValueError: neither a number nor a text, a share outside (0, 1), an empty path.
  static ShareOrFile from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();

  friend bool operator==(const ShareOrFile&, const ShareOrFile&) = default;
};

// What to do with a row whose label is not in the label set.
enum class UnknownLabel { kError, kSkip };

template <>
struct EnumNames<UnknownLabel> {
  static constexpr std::array kNames{std::pair{UnknownLabel::kError, std::string_view("error")},
                                     std::pair{UnknownLabel::kSkip, std::string_view("skip")}};
};

// Section `data` of the run config.
struct DataOptions {
  std::vector<std::string> train;
  std::optional<ShareOrFile> validation;
  std::optional<std::string> test;
  FileFormat format = FileFormat::kAuto;
  bool header = true;
  TableLayout layout;
  std::vector<std::string> text = {"text"};
  std::vector<std::string> label = {"label"};
  std::vector<std::string> labels;
  UnknownLabel unknown_label = UnknownLabel::kError;
  std::optional<std::int64_t> max_rows;
  CorpusOptions corpus;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("train", self.train,
          "Training file: CSV, TSV or JSONL, also with .gz. Language models: text too, and several files or patterns "
          "such as corpus/*.txt.",
          kRequired, kPathText, kScalarOrList);
    visit(
        "validation", self.validation,
        "Validation file, or a share of the training data such as 0.1 (rows or documents are chosen by seeded hash of "
        "their text, so none changes side and equal texts stay together).",
        kPathText);
    visit("test", self.test, "Test file, evaluated once at the end.", kPathText);
    visit("format", self.format, "Format of the files; auto goes by their extensions.");
    visit("header", self.header, "CSV and TSV: the first row names the columns. Without, columns are \"0\", \"1\", ….");
    TableLayout::visit_fields(self.layout, visit);
    visit(
        "text", self.text,
        "Column with the text, or two columns for pairs. Contrastive: the text, its counterpart, and a hard negative; "
        "a text alone is its own counterpart under another dropout.",
        kScalarOrList);
    visit(
        "label", self.label,
        "Column with the label: a name or an integer. Several labels of a text: a list, or a column each with 0 or 1; "
        "numbers: a column each.",
        kScalarOrList);
    visit("labels", self.labels,
          "Label names in the order of their ids; empty: the kept head's order, else integers by value, else names by "
          "code point.");
    visit("unknown_label", self.unknown_label, "What to do with a row whose label is empty or not in the label set.");
    visit("max_rows", self.max_rows, "Read only so many rows from the beginning of each file.", at_least(1));
    CorpusOptions::visit_fields(self.corpus, visit);
  }

  // One to three different text columns, none of them a label; positions where there is no header; labels distinct.
  void check(FieldErrors& errors) const;
};

}  // namespace llmtool
