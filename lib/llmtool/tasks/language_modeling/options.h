#pragma once

#include <cstdint>
#include <optional>

#include "llmtool/core/fields.h"
#include "llmtool/data/options.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// What a masked language model is asked. The fields are named as in section `training` of the run config.
struct MaskedLanguageModelOptions {
  MaskingOptions masking;
  SentenceObjective sentence_pairs = SentenceObjective::kNone;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("masking", self.masking, "Masked language models: which tokens are hidden and predicted.");
    visit(
        "sentence_pairs", self.sentence_pairs,
        "Masked language models: what is asked about two segments besides: none, next_sentence (BERT: does the second "
        "follow the first?) or sentence_order (ALBERT: are they in order?). Sentences are the lines of a document.");
  }
};

// How text is cut, and tokens hidden, for `llmtool eval` of a language model.
struct LanguageModelEvalOptions {
  std::optional<DocumentUnit> document;
  std::optional<Packing> packing;
  std::optional<std::int64_t> stride;
  // Masked language models: every token hidden once and alone, instead of a sample of them together.
  bool pseudo_perplexity = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
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

TaskRow masked_lm_row();
TaskRow causal_lm_row();

}  // namespace llmtool
