#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace llmtool {

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
