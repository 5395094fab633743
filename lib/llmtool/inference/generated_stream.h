#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace llmtool
