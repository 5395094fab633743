#include "llmtool/tokenizer/byte_level_pre_tokenizer.h"

#include <string>
#include <utility>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/byte_level.h"

namespace llmtool {
namespace {

using Character = NormalizedText::Character;

std::string to_utf8(const std::vector<Character>& characters) {
  std::string text;
  for (const Character& character : characters) append_utf8(character.code_point, text);
  return text;
}

// The bytes of a character all come from where the character came from.
void append_bytes(const Character& character, std::vector<Character>& bytes) {
  std::string utf8;
  append_utf8(character.code_point, utf8);
  for (const char byte : utf8) bytes.push_back({character_of_byte(static_cast<unsigned char>(byte)), character.origin});
}

}  // namespace

std::unique_ptr<PreTokenizer> ByteLevelPreTokenizer::make(ComponentReader& reader) {
  Options options;
  options.add_prefix_space = reader.boolean("add_prefix_space");
  if (reader.has("use_regex")) options.use_regex = reader.boolean("use_regex");
  reader.ignore("trim_offsets");  // means something in the post-processor only
  return std::make_unique<ByteLevelPreTokenizer>(options);
}

void ByteLevelPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  const auto& characters = pre_tokenized.text.characters();
  std::vector<Character> rewritten;
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    std::vector<Character> part(characters.begin() + static_cast<std::ptrdiff_t>(word.begin),
                                characters.begin() + static_cast<std::ptrdiff_t>(word.end));
    // The space comes from the character it was put before.
    if (options_.add_prefix_space && part.front().code_point != U' ') part.insert(part.begin(), {U' ', part[0].origin});
    const std::string text = to_utf8(part);
    auto character = part.begin();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = options_.use_regex ? end_of_gpt2_word(text, begin) : text.size();
      const std::size_t first = rewritten.size();
      while (rewritten.size() - first < end - begin) append_bytes(*character++, rewritten);
      words.push_back({first, rewritten.size()});
      begin = end;
    }
  }
  pre_tokenized.text.rewrite(std::move(rewritten));
  pre_tokenized.words = std::move(words);
}

}  // namespace llmtool
