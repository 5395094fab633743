#include "llmtool/tokenizer/pattern.h"

#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/core/utf8.h"

namespace llmtool {

Pattern Pattern::read(ComponentReader& reader, std::string_view key) {
  ComponentReader json = reader.child(reader.value(key), std::string(key));
  Pattern pattern;
  if (json.has("Regex")) {
    try {
      pattern.expression_.emplace(json.string("Regex"));
    } catch (const std::invalid_argument& error) {
      json.fail(error.what());
    }
  } else {
    pattern.literal_ = json.string("String");
    if (pattern.literal_.empty()) reader.fail(quote(std::string(key)) + " must not be empty");
  }
  json.finish();
  return pattern;
}

std::vector<ByteRange> Pattern::find_all(std::string_view text) const {
  if (expression_) return expression_->find_all(text);
  std::vector<ByteRange> matches;
  for (std::size_t at = text.find(literal_); at != std::string_view::npos;
       at = text.find(literal_, at + literal_.size()))
    matches.push_back({at, at + literal_.size()});
  return matches;
}

std::string Pattern::replace_all(const std::string& text, std::string_view replacement, std::size_t most_bytes) const {
  std::string replaced;
  std::size_t kept = 0;
  for (const ByteRange& match : find_all(text)) {
    if (replaced.size() + match.begin - kept + replacement.size() > most_bytes)
      throw DataError("decoded as the tokenizer has it, the text grows without bound; see whether it is damaged");
    replaced.append(text, kept, match.begin - kept).append(replacement);
    kept = match.end;
  }
  return replaced.append(text, kept);
}

std::vector<std::pair<std::size_t, std::size_t>> in_characters(const std::vector<ByteRange>& ranges,
                                                               std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> counted;
  counted.reserve(ranges.size());
  std::size_t position = 0;
  std::size_t character = 0;
  const auto count_to = [&](std::size_t byte) {
    character += count_code_points(text.substr(position, byte - position));
    position = byte;
    return character;
  };
  for (const ByteRange& range : ranges) {
    const std::size_t begin = count_to(range.begin);
    counted.emplace_back(begin, count_to(range.end));
  }
  return counted;
}

}  // namespace llmtool
