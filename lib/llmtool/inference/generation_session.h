#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/data/embedding_limits.h"
#include "llmtool/generation/generation.h"
#include "llmtool/inference/generation_choice.h"
#include "llmtool/models/model.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

struct Continuation {
  std::string text;               // what follows the prompt, without special tokens
  std::vector<std::int64_t> ids;  // all that were generated: the end token and those of a stop string, too
  FinishReason reason = FinishReason::kLength;
};

// Text that has become certain, as it is generated: `prompt` is the index of the text it continues.
using OnText = std::function<void(std::size_t prompt, std::string_view piece)>;

// A causal language model loaded from a folder, ours or Hugging Face's, that continues texts, in fp32. Immutable: const
// members may be called from several threads at once.
class GenerationSession {
 public:
  // Throws ModelError: a file is missing or damaged, the model has no causal-LM head.
  static GenerationSession load(const std::filesystem::path& directory, c10::Device device);

  // One continuation per prompt, in their order, each up to an end token: those of the folder (read_stored_generation),
  // else the tokenizer's. An empty prompt starts from the beginning-of-text token. What is drawn depends on
  // seed, number (`first_number` and up) and text of a prompt alone. Throws DataError naming the prompt (from 1) that
  // the tokenizer refuses or that is empty where there is no such token, ModelError for one that fills all positions,
  // UsageError for stop strings with beam search.
  std::vector<Continuation> continue_texts(const std::vector<std::string>& prompts, const ContinuationOptions& options,
                                           std::int64_t first_number = 0, const OnText& on_text = nullptr) const;

  const StoredGeneration& stored() const { return stored_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const { return limits_.warnings(tokenizer_); }

 private:
  GenerationSession(std::shared_ptr<Model> model, Tokenizer tokenizer, StoredGeneration stored);

  std::vector<std::int64_t> encode_prompt(const std::string& prompt, std::size_t number) const;

  std::shared_ptr<Model> model_;
  Tokenizer tokenizer_;
  StoredGeneration stored_;
  EmbeddingLimits limits_;
};

}  // namespace llmtool
