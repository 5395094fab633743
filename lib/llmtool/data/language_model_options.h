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

}  // namespace llmtool
