#include "llmtool/inference/generated_stream.h"

#include <algorithm>

namespace llmtool {
namespace {

// U+FFFD, which a decoder puts where bytes of a character are missing.
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the longest end of `text` that `stop` begins with.
std::size_t begun_length(std::string_view text, std::string_view stop) {
  for (std::size_t length = std::min(text.size(), stop.size()); length > 0; --length)
    if (text.ends_with(stop.substr(0, length))) return length;
  return 0;
}

// A decoder may join a word with what follows ("do" "n't"), so the last one waits for the next.
std::size_t last_word_length(std::string_view text) {
  if (text.empty() || static_cast<unsigned char>(text.back()) >= 0x80) return 0;
  const std::size_t space = text.find_last_of(' ');
  return space == std::string_view::npos ? text.size() : text.size() - space;
}

}  // namespace

GeneratedStream::GeneratedStream(const Tokenizer& tokenizer, const std::vector<std::int64_t>& prompt,
                                 const std::vector<std::string>& stop_strings)
    : tokenizer_(tokenizer),
      stop_strings_(stop_strings),
      ids_(prompt.begin(), prompt.end()),
      prompt_length_(tokenizer.decode(ids_).size()) {}

void GeneratedStream::add(std::int64_t id) {
  if (is_stopped_) return;
  ids_.push_back(static_cast<std::int32_t>(id));
  const std::string whole = tokenizer_.decode(ids_);
  text_ = whole.substr(std::min(prompt_length_, whole.size()));
  std::size_t first = std::string::npos;
  for (const std::string& stop : stop_strings_) first = std::min(first, text_.find(stop));
  is_stopped_ = first != std::string::npos;
  if (is_stopped_) text_.resize(first);
}

std::size_t GeneratedStream::held_back() const {
  if (is_stopped_) return 0;
  std::size_t length = text_.ends_with(kReplacement) ? kReplacement.size() : last_word_length(text_);
  for (const std::string& stop : stop_strings_) length = std::max(length, begun_length(text_, stop));
  return length;
}

std::string_view GeneratedStream::take_certain() { return take(text_.size() - held_back()); }

std::string_view GeneratedStream::take_rest() { return take(text_.size()); }

std::string_view GeneratedStream::take(std::size_t end) {
  const std::size_t begin = std::min(num_taken_, end);
  num_taken_ = std::max(num_taken_, end);
  return std::string_view(text_).substr(begin, end - begin);
}

}  // namespace llmtool
