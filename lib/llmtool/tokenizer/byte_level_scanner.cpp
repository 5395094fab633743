#include "llmtool/tokenizer/byte_level_scanner.h"

#include <string>

#include "llmtool/tokenizer/byte_level.h"

namespace llmtool {

bool ByteLevelScanner::encode(std::string_view text, std::vector<std::int32_t>& ids) const {
  std::string with_space;
  if (options_.add_prefix_space && !text.empty() && text.front() != ' ') {
    with_space.reserve(text.size() + 1);
    text = with_space.append(" ").append(text);
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = options_.use_regex ? end_of_gpt2_word(text, begin) : text.size();
    encode_word(text.substr(begin, end - begin), ids);
    begin = end;
  }
  return true;
}

void ByteLevelScanner::encode_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  if (const auto* known = known_words_.find(word)) {
    ids.insert(ids.end(), known->begin(), known->end());
    return;
  }
  std::string written;
  append_byte_characters(word, written);
  std::vector<ModelToken> tokens;
  model_.tokenize_new(written, tokens);
  std::vector<std::int32_t> word_ids;
  word_ids.reserve(tokens.size());
  for (const ModelToken& token : tokens) word_ids.push_back(token.id);
  ids.insert(ids.end(), word_ids.begin(), word_ids.end());
  known_words_.insert(word, std::move(word_ids));
}

}  // namespace llmtool
