#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/head_options.h"
#include "llmtool/models/options.h"

namespace llmtool {

// The sizes that data and tokenizer must respect.
struct ModelDimensions {
  std::int64_t vocabulary_size = 0;  // rows of the word embedding
  std::int64_t num_positions = 0;    // longest sequence in tokens
  std::int64_t num_types = 0;        // segment types; 0: none
  std::int64_t hidden_size = 0;      // of the last hidden state
};

// Reads the options of a head from a config.json; `file` is for messages.
using MakeHeadOptions = HeadOptions (*)(const Json& config, const std::string& file);

// Hugging Face's head for answers in a text: of a token how well an answer begins, and how well it ends there.
TokenHeadOptions answer_head(std::int64_t hidden_size);

// A kind of model a family has, and the class name Hugging Face saves under `architectures`.
struct FamilyHead {
  HeadKind kind;
  std::string_view architecture;
  // What is put on the body, in the order in which the weights are saved.
  std::vector<MakeHeadOptions> heads;
};

// What is known of a family without LibTorch; each says it in its own file. Its body is made by registry.h, from a
// table with the same names.
struct Family {
  std::string_view model_type;
  // Every token sees only itself and those before it.
  bool is_causal = false;
  // What a model with a head puts before the names of its body: "bert.".
  std::string_view base_prefix;
  std::vector<FamilyHead> heads;
  // Prefixes of the weights of all heads that Hugging Face has for the family: "classifier.".
  std::vector<std::string> head_prefixes;
  // Those of them that several heads begin with, so that a new head takes them from a checkpoint made for another.
  std::vector<std::string> shared_head_prefixes = {};
  // The second head of a kPretraining model tells whether two sentences are in order, not whether one follows the
  // other.
  bool orders_sentences = false;
  ModelDimensions (*dimensions)(const Json& config, const std::string& file);
  // For a model with this head. Throws ModelError for a rate that it has no place for.
  void (*override_dropout)(Json& config, const DropoutOverrides& overrides, HeadKind head);

  // Null when the family has no such head.
  const FamilyHead* find_head(HeadKind kind) const;
  // Throws ModelError naming family and head, and what to use instead, when the family has no such head.
  const FamilyHead& head(HeadKind kind) const;
  std::string_view architecture(HeadKind kind) const { return head(kind).architecture; }
};

// In the order they are shown.
const std::vector<Family>& families();

// The family of a config.json's `model_type`. Throws ModelError listing those supported; `file` is for messages.
const Family& find_family(const Json& config, const std::string& file);

// The head of the class that a config.json names under `architectures`; kNone when it names none, or one the family
// does not have here. Throws as find_family().
HeadKind stored_head_kind(const Json& config, const std::string& file);

// Whether the class that a config.json names under `architectures` has a head that the family does not have here: the
// body of such a model alone is less than the model. Throws as find_family().
bool names_unknown_head(const Json& config, const std::string& file);

// Throws ModelError when the tokenizer can make ids that the word embedding has no row for.
void check_vocabulary_fits(std::int64_t tokenizer_size, const ModelDimensions& dimensions);
// Throws ModelError when sequences may be longer than the position table.
void check_max_length_fits(std::int64_t max_length, const ModelDimensions& dimensions);

// What is known of a checkpoint's classifier before it is loaded.
struct StoredHead {
  bool has_weights = false;
  std::string architecture;         // first of `architectures`; "" when the config names none
  std::string wanted_architecture;  // of the head asked for
  std::vector<std::string> labels;
};

struct HeadChoice {
  bool keep = false;
  std::string reason;               // for log and report
  std::vector<std::string> labels;  // by id, of the head that comes out
};

// Keeps the stored head when its label names are the same set as `labels` (all of it when `labels` is empty), otherwise
// a new one is made. `ordered`: a kept head takes the order of `labels` instead of its own. Throws ModelError when the
// head must be kept (policy, or no labels to make a new one for) and cannot be.
HeadChoice choose_head(const StoredHead& stored, const std::vector<std::string>& labels, bool ordered,
                       HeadPolicy policy, const std::string& model_name);

}  // namespace llmtool
