#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/models/head_kind.h"
#include "llmtool/models/options.h"

namespace llmtool {

// The sizes that data and tokenizer must respect.
struct ModelDimensions {
  std::int64_t vocabulary_size = 0;  // rows of the word embedding
  std::int64_t num_positions = 0;    // longest sequence in tokens
  std::int64_t num_types = 0;        // segment types; 0: none
  std::int64_t hidden_size = 0;      // of the last hidden state
};

// A head a family has, and the class name Hugging Face saves under `architectures`.
struct FamilyHead {
  HeadKind kind;
  std::string_view architecture;
};

// What is known of a family without LibTorch. Its model is made by registry.h, from a table with the same names.
struct Family {
  std::string_view model_type;
  // Every token sees only itself and those before it.
  bool is_causal;
  std::vector<FamilyHead> heads;
  ModelDimensions (*dimensions)(const Json& config, const std::string& file);
  void (*override_dropout)(Json& config, const DropoutOverrides& overrides);

  bool has_head(HeadKind kind) const;
  // Throws ModelError naming family and head, and what to use instead, when the family has no such head.
  std::string_view architecture(HeadKind kind) const;
};

// In the order they are shown.
const std::vector<Family>& families();

// The family of a config.json's `model_type`. Throws ModelError listing those supported; `file` is for messages.
const Family& find_family(const Json& config, const std::string& file);

// The head of the class that a config.json names under `architectures`; kNone when it names none, or one the family
// does not have here. Throws as find_family().
HeadKind stored_head_kind(const Json& config, const std::string& file);

// Throws ModelError when the tokenizer can make ids that the word embedding has no row for.
void check_vocabulary_fits(std::int64_t tokenizer_size, const ModelDimensions& dimensions);
// Throws ModelError when sequences may be longer than the position table.
void check_max_length_fits(std::int64_t max_length, const ModelDimensions& dimensions);

}  // namespace llmtool
