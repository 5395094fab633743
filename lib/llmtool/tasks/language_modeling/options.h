#pragma once

#include "llmtool/core/fields.h"
#include "llmtool/data/language_model_options.h"
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

TaskRow masked_lm_row();
TaskRow causal_lm_row();

}  // namespace llmtool
