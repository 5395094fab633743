#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/fields.h"
#include "llmtool/models/families.h"
#include "llmtool/models/load_report.h"
#include "llmtool/models/options.h"

namespace llmtool {

// One `llmtool convert`.
struct ConvertRequest {
  std::filesystem::path model;
  std::filesystem::path output;
  // What the written model has on its body; unset: what the model's config.json names.
  std::optional<HeadKind> head;
  StoredPrecision precision = StoredPrecision::kFp32;
  // Patterns of names of weights that are passed over, see ModelOptions::ignore.
  std::vector<std::string> ignore;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("model", self.model, "Model directory: safetensors, sharded or pytorch_model.bin", kRequired,
          OptionForm{.value = "MODEL", .is_positional = true});
    visit("output", self.output, "Directory to write; must not exist", kRequired,
          OptionForm{.value = "DIR", .is_positional = true});
    visit("head", self.head,
          "What the written model ends with: none (the encoder alone), sequence_classification, masked_lm, pretraining "
          "or causal_lm (default: as config.json says)",
          OptionForm{.value = "HEAD"});
    visit("dtype", self.precision, "Numbers of the written weights: fp32, fp16 or bf16", OptionForm{.value = "TYPE"});
    visit("ignore", self.ignore,
          "Weights to pass over, as if they were not there: a name in which * stands for any characters and ? for one; "
          "may be given several times",
          OptionForm{.value = "PATTERN"});
  }
};

struct ConvertResult {
  std::string architecture;
  LoadReport report;

  // One object: architecture and the report.
  Json to_json() const;
};

// Writes a checkpoint anew as one model.safetensors with the names transformers uses today, with config.json, the
// tokenizer's files and the modules of sentence-transformers; the folder appears whole or not at all. Throws
// ResourceError when the output exists, ModelError for a checkpoint that lacks weights of the head or has NaN or
// infinity in one, and what loading and copy_module_folders() throw.
ConvertResult convert_model(const ConvertRequest& request, EventSink& events);

}  // namespace llmtool
