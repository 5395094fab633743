#pragma once

#include "llmtool/commands/answered_rows_options.h"
#include "llmtool/inference/embedding_options.h"

namespace llmtool {

// What `llmtool embed` is told.
struct EmbedOptions : AnsweredRowsOptions {
  EmbeddingOptions embedding;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit_rows(
        self, visit,
        {.output = "File of rows with an embedding each, or a matrix when it is named .npy, - for standard output",
         .text_column = "Column of the text; twice for pairs, of which one vector is made (default: as trained, "
                        "else text)"});
    visit("prompt", self.embedding.prompt,
          "Put this before every text, such as \"query: \" (default: as the model's config_sentence_transformers.json "
          "says, else nothing)",
          OptionForm{.value = "TEXT"});
    visit("prompt_name", self.embedding.prompt_name, "Put the model's prompt of this name before every text",
          OptionForm{.value = "NAME", .excludes = "prompt"});
    visit("pooling", self.embedding.pooling,
          "The vector of a text: mean of those of its tokens, cls, that of the first, or another mode of "
          "sentence-transformers (default: as the model's modules.json says, else mean)",
          OptionForm{.value = "HOW"});
    visit("normalize", self.embedding.normalize,
          "Give the vectors length 1 (default: as modules.json says; without it, yes)");
    visit("no_normalize", self.embedding.normalize, "Leave the vectors at their own lengths",
          OptionForm{.sets_false = true, .excludes = "normalize"});
  }
};

}  // namespace llmtool
