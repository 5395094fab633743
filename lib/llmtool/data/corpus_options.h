#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

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

}  // namespace llmtool
