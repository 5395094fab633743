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
#include "llmtool/formats/table_layout.h"

namespace llmtool {

// What one document of a text file is. A row of a CSV, TSV or JSONL file is a document always.
enum class DocumentUnit { kLine, kBlankLine, kFile };

template <>
struct EnumNames<DocumentUnit> {
  static constexpr std::array kNames{std::pair{DocumentUnit::kLine, std::string_view("line")},
                                     std::pair{DocumentUnit::kBlankLine, std::string_view("blank_line")},
                                     std::pair{DocumentUnit::kFile, std::string_view("file")}};
};

// How tokens become training sequences: documents behind each other cut into blocks of equal length, or a sequence per
// document.
enum class Packing { kBlocks, kLines };

template <>
struct EnumNames<Packing> {
  static constexpr std::array kNames{std::pair{Packing::kBlocks, std::string_view("blocks")},
                                     std::pair{Packing::kLines, std::string_view("lines")}};
};

// How the text of language-model training is cut up; part of section `data` of the run config.
struct CorpusOptions {
  DocumentUnit document = DocumentUnit::kLine;
  Packing packing = Packing::kBlocks;
  std::optional<std::int64_t> stride;
  std::string cache;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("document", self.document,
          "Language models: what one document of a text file is: a line, lines up to a blank line, or the file. A row "
          "of another format is a document always.");
    visit("packing", self.packing,
          "Language models: blocks puts documents behind each other and cuts them into sequences of max_length tokens "
          "(the last one shorter, none dropped); lines makes every document a sequence of its own.");
    visit(
        "stride", self.stride,
        "Language models: tokens from the start of one sequence of a document or of the blocks to the next; unset: "
        "as many as a sequence holds, so that none overlap. Tokens shared with the sequence before are context and not "
        "predicted again.",
        at_least(1));
    visit("cache", self.cache,
          "Language models: folder for the tokenised text, shared by runs; unset: corpora beside output_dir. Not "
          "where the model or a run has files of its own.",
          kPathText, kNotCompared);
  }
};

// What is hidden together: single tokens (BERT), all tokens of a word, or runs of words (SpanBERT, Joshi et al., 2020).
enum class MaskUnit { kToken, kWord, kSpan };

template <>
struct EnumNames<MaskUnit> {
  static constexpr std::array kNames{std::pair{MaskUnit::kToken, std::string_view("token")},
                                     std::pair{MaskUnit::kWord, std::string_view("word")},
                                     std::pair{MaskUnit::kSpan, std::string_view("span")}};
};

// Section `training.masking` of a run config for masked language models.
struct MaskingOptions {
  double probability = 0.15;
  MaskUnit unit = MaskUnit::kToken;
  double mask_share = 0.8;
  double random_share = 0.1;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("probability", self.probability, "Share of tokens to predict.", in_range(1e-6, 1.0));
    visit("unit", self.unit,
          "What is chosen together: token, word (all its tokens), or span (runs of words, as SpanBERT).");
    visit("mask_share", self.mask_share, "Share of the chosen tokens that are replaced by the mask token.",
          in_range(0.0, 1.0));
    visit("random_share", self.random_share,
          "Share of the chosen tokens that are replaced by a random token; what remains is left as it is.",
          in_range(0.0, 1.0));
  }
  // The two shares are at most 1 together.
  void check(FieldErrors& errors) const;
};

// What is asked about two segments besides their hidden tokens: whether the second follows the first (BERT), or
// whether the two stand in their order (ALBERT, Lan et al., 2019).
enum class SentenceObjective { kNone, kNextSentence, kSentenceOrder };

template <>
struct EnumNames<SentenceObjective> {
  static constexpr std::array kNames{std::pair{SentenceObjective::kNone, std::string_view("none")},
                                     std::pair{SentenceObjective::kNextSentence, std::string_view("next_sentence")},
                                     std::pair{SentenceObjective::kSentenceOrder, std::string_view("sentence_order")}};
};

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
