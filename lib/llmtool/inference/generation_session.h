#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/generation/search.h"
#include "llmtool/inference/generation_choice.h"
#include "llmtool/models/model.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// The text of ids that arrive one by one. The last word, a character whose bytes have not all arrived, and what may
// become a stop string are held back.
class GeneratedStream {
 public:
  // The text follows that of `prompt`, which is not part of it.
  GeneratedStream(const Tokenizer& tokenizer, const std::vector<std::int64_t>& prompt,
                  const std::vector<std::string>& stop_strings);

  // The text ends before the first stop string; what is added behind it has no effect.
  void add(std::int64_t id);
  bool is_stopped() const { return is_stopped_; }
  // What has become certain since the last call.
  std::string_view take_certain();
  // What was held back when nothing follows any more.
  std::string_view take_rest();
  const std::string& text() const { return text_; }

 private:
  std::string_view take(std::size_t end);
  std::size_t held_back() const;

  const Tokenizer& tokenizer_;
  const std::vector<std::string>& stop_strings_;
  std::vector<std::int32_t> ids_;  // of the prompt, too: decoders put a space between words
  std::size_t prompt_length_;      // in bytes of decoded text
  std::string text_;
  bool is_stopped_ = false;
  std::size_t num_taken_ = 0;
};

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
