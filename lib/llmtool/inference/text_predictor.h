#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/inference/encoded_texts.h"

namespace llmtool {

// What a model says about a text.
struct TextPrediction {
  std::vector<Json> values;     // one per value name
  std::int64_t num_tokens = 0;  // special tokens included, after truncation
  bool truncated = false;
};

// A model that has named values to say about every text: labels, an embedding, fillers of a mask.
class TextPredictor {
 public:
  virtual ~TextPredictor() = default;
  virtual std::vector<std::string> value_names() const = 0;
  // Whether a text may also be given as words.
  virtual bool reads_words() const { return false; }
  // One prediction per text, in their order; it depends on the text alone. Throws DataError for a text that has none,
  // NonFiniteError.
  virtual std::vector<TextPrediction> predict(std::span<const TextInput> texts) const = 0;
  // Tokens at which texts are cut, and where that number was found.
  virtual std::int64_t max_length() const = 0;
  virtual std::string max_length_source() const = 0;
  // What to tell when the model is loaded, a line each.
  virtual std::vector<std::string> warnings() const = 0;
};

// What a model says about the words of a sentence.
struct SentenceTags {
  std::vector<std::string> tags;  // one a word
  std::int64_t num_tokens = 0;    // that were computed, special tokens included
};

// A model that gives every word of a sentence a tag.
class SentenceTagger {
 public:
  virtual ~SentenceTagger() = default;
  // One result per sentence, in their order; it depends on the sentence alone. Throws DataError for a sentence that
  // cannot be read, NonFiniteError.
  virtual std::vector<SentenceTags> tag(std::span<const std::vector<std::string>> sentences) const = 0;
  // Tokens of a window, and where that number was found.
  virtual std::int64_t max_length() const = 0;
  virtual std::string max_length_source() const = 0;
  // What to tell when the model is loaded, a line each.
  virtual std::vector<std::string> warnings() const = 0;
};

}  // namespace llmtool
