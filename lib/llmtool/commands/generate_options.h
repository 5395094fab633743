#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "llmtool/core/fields.h"
#include "llmtool/formats/table_layout.h"
#include "llmtool/inference/generation_choice.h"

namespace llmtool {

// What `llmtool generate` is told.
struct GenerateOptions {
  std::filesystem::path model;
  std::vector<std::string> prompts;  // or, when empty, those of `input`
  std::string input;                 // file of prompts; "-": standard input, which needs `format`
  FileFormat format = FileFormat::kAuto;
  TableLayout layout = {};
  std::string text_column = "text";
  GenerationChoice choice;
  std::int64_t batch_size = 8;  // prompts computed at once; does not change the result

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("model", self.model, "Directory of a causal language model, written by llmtool or Hugging Face", kRequired,
          OptionForm{.value = "MODEL", .is_positional = true});
    visit("prompt", self.prompts, "Text to continue; may be repeated", OptionForm{.value = "TEXT"});
    visit("input", self.input, "File of texts to continue, - for standard input; prints JSON Lines",
          OptionForm{.value = "FILE", .excludes = "prompt"});
    visit("format", self.format, "Format of the input: csv, tsv, jsonl, text or auto (by extension)",
          OptionForm{.value = "FORMAT"});
    TableLayout::visit_fields(self.layout, visit);
    visit("text_column", self.text_column, "Column of the text", OptionForm{.value = "NAME"});
    visit("max_new_tokens", self.choice.max_new_tokens, "Tokens to add at most (default: 50)", limits::kMaxNewTokens,
          OptionForm{.value = "N"});
    visit("stop", self.choice.stop_strings, "End a text before this string; may be repeated",
          OptionForm{.value = "TEXT", .if_empty = "the text to stop before is empty"});
    visit("batch_size", self.batch_size, "Texts computed at once; does not change the result",
          in_range<std::int64_t>(1, 65536), OptionForm{.value = "N"});
    visit_choice_of_tokens(self.choice, visit);
  }

 private:
  template <class Choice, class Visitor>
  static void visit_choice_of_tokens(Choice& choice, Visitor& visit) {
    constexpr const char* kGroup =
        "Choice of tokens (default: as generation_config.json of the model has it, else the most probable)";
    visit("temperature", choice.temperature, "Draw tokens; below 1 more cautiously, above 1 more freely",
          limits::kTemperature, OptionForm{.value = "NUMBER", .group = kGroup});
    // A folder says 0 where it means all; a user leaves the option out.
    visit("top_k", choice.top_k, "Draw from this many most probable tokens",
          in_range<std::int64_t>(1, limits::kTopK.high), OptionForm{.value = "N", .group = kGroup});
    visit("top_p", choice.top_p, "Draw from the most probable tokens that have this probability together",
          limits::kTopP, OptionForm{.value = "SHARE", .group = kGroup});
    visit("seed", choice.seed, "Start of the random numbers; what is drawn depends on it and the prompt", at_least(0),
          OptionForm{.value = "N", .group = kGroup});
    visit("repetition_penalty", choice.repetition_penalty,
          "Above 1: makes tokens that stand in the text already less probable", limits::kPenalty,
          OptionForm{.value = "NUMBER", .group = kGroup});
    visit("num_beams", choice.num_beams, "Beam search over so many beginnings", limits::kNumBeams,
          OptionForm{.value = "N", .group = kGroup});
    visit("length_penalty", choice.length_penalty,
          "Beam search: exponent of the length that a text's score is divided by", limits::kLengthPenalty,
          OptionForm{.value = "NUMBER", .group = kGroup});
    visit("early_stopping", choice.early_stopping,
          "Beam search: end with the first texts that are finished instead of looking for better ones",
          OptionForm{.group = kGroup});
    visit("ignore_generation_config", choice.ignore_stored,
          "Use nothing of the model's generation_config.json but its end tokens", OptionForm{.group = kGroup});
  }
};

}  // namespace llmtool
