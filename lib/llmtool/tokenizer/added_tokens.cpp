#include "llmtool/tokenizer/added_tokens.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/vocabulary.h"

namespace llmtool {
namespace {

bool is_word_character(char32_t c) { return character_properties(c).is(CharacterProperties::kWordCharacter); }
bool is_whitespace(char32_t c) { return character_properties(c).is(CharacterProperties::kWhitespace); }

bool ends_with_word_character(std::string_view text) {
  if (text.empty()) return false;
  std::size_t position = previous_code_point(text, text.size());
  return is_word_character(decode_utf8(text, position));
}

bool starts_with_word_character(std::string_view text) {
  std::size_t position = 0;
  return !text.empty() && is_word_character(decode_utf8(text, position));
}

std::size_t end_of_leading_whitespace(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t next = 0; next < text.size() && is_whitespace(decode_utf8(text, next));) end = next;
  return end;
}

const std::string& pattern_of(const AddedToken& token) {
  return token.normalized ? token.normalized_content : token.content;
}

std::vector<std::pair<std::string_view, std::int32_t>> patterns_of(const std::vector<AddedToken>& tokens) {
  std::vector<std::pair<std::string_view, std::int32_t>> patterns;
  for (std::size_t i = 0; i < tokens.size(); ++i)
    patterns.emplace_back(pattern_of(tokens[i]), static_cast<std::int32_t>(i));
  return patterns;
}

AddedToken read_token(ComponentReader& reader) {
  AddedToken token;
  token.content = reader.string("content");
  token.single_word = reader.boolean("single_word");
  token.lstrip = reader.boolean("lstrip");
  token.rstrip = reader.boolean("rstrip");
  token.normalized = reader.boolean("normalized");
  token.special = reader.boolean("special");
  reader.integer("id", 0, std::numeric_limits<std::int32_t>::max());
  reader.finish();
  return token;
}

}  // namespace

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens)
    : tokens_(std::move(tokens)), trie_(patterns_of(tokens_)) {
  for (const AddedToken& token : tokens_)
    if (first_bytes_.find(pattern_of(token)[0]) == std::string::npos) first_bytes_ += pattern_of(token)[0];
}

bool AddedTokenMatcher::may_match(std::string_view text) const {
  return std::any_of(first_bytes_.begin(), first_bytes_.end(),
                     [&](char byte) { return text.find(byte) != std::string_view::npos; });
}

std::optional<AddedTokenMatcher::Match> AddedTokenMatcher::match_at(std::string_view text, std::size_t begin) const {
  std::optional<Match> longest;
  ByteTrie::State state = ByteTrie::kRoot;
  for (std::size_t i = begin; i < text.size(); ++i) {
    state = trie_.step(state, static_cast<unsigned char>(text[i]));
    if (state == ByteTrie::kNone) break;
    if (const std::int32_t index = trie_.value(state); index >= 0)
      longest = Match{i + 1, &tokens_[static_cast<std::size_t>(index)]};
  }
  return longest;
}

void AddedTokenMatcher::cut(std::string_view text, std::vector<TextSection>& sections) const {
  std::size_t done = 0;
  for (std::size_t at = text.find_first_of(first_bytes_); at < text.size(); at = text.find_first_of(first_bytes_, at)) {
    const auto match = match_at(text, at);
    if (!match) {
      ++at;
      continue;
    }
    std::size_t begin = at;
    std::size_t end = match->end;
    at = match->end;
    const AddedToken& token = *match->token;
    if (token.single_word &&
        (ends_with_word_character(text.substr(0, begin)) || starts_with_word_character(text.substr(end))))
      continue;
    // Whitespace the token before has swallowed is not taken twice.
    if (token.lstrip) begin = std::max(begin_of_trailing_whitespace(text.substr(0, begin)), done);
    if (token.rstrip) end += end_of_leading_whitespace(text.substr(end));
    if (done < begin) sections.push_back({done, begin, std::nullopt});
    // Nothing is left of a token in whitespace that the one before has swallowed.
    if (begin < end) sections.push_back({begin, end, token.id});
    done = end;
  }
  if (done != text.size()) sections.push_back({done, text.size(), std::nullopt});
}

AddedTokens::AddedTokens(std::vector<ComponentReader> readers,
                         const std::function<std::optional<std::int32_t>(std::string_view)>& find_in_model,
                         std::int64_t model_size, const std::function<std::string(const std::string&)>& normalize) {
  auto next_id = static_cast<std::int32_t>(model_size);
  TokenLengths lengths;
  for (ComponentReader& reader : readers) {
    AddedToken token = read_token(reader);
    if (token.content.empty()) continue;
    const auto known = id_of_content_.find(token.content);
    const auto in_model = find_in_model(token.content);
    token.id = known != id_of_content_.end() ? known->second : in_model ? *in_model : next_id++;
    token.normalized_content = token.normalized ? normalize(token.content) : token.content;
    lengths.add(token.normalized_content, reader);
    if (token.normalized_content.empty())
      reader.fail("the token " + quote(token.content) + " is empty once normalised, so it can never be matched");
    id_of_content_[token.content] = token.id;
    if (token.special) special_contents_.insert(token.content);
    const std::int32_t id = token.id;
    tokens_[id] = std::move(token);
  }
  for (const bool normalized : {false, true}) {
    std::unordered_set<std::string> patterns;
    for (const AddedToken& token : of_kind(tokens_, normalized))
      if (!patterns.insert(pattern_of(token)).second)
        readers.front().fail("two added tokens are both written " + quote(pattern_of(token)) + " once normalised");
  }
  raw_ = AddedTokenMatcher(of_kind(tokens_, false));
  normalized_ = AddedTokenMatcher(of_kind(tokens_, true));
}

std::vector<AddedToken> AddedTokens::of_kind(const std::unordered_map<std::int32_t, AddedToken>& tokens,
                                             bool normalized) {
  std::vector<AddedToken> found;
  for (const auto& [id, token] : tokens)
    if (token.normalized == normalized) found.push_back(token);
  return found;
}

std::optional<std::int32_t> AddedTokens::find(std::string_view content) const {
  const auto found = id_of_content_.find(std::string(content));
  if (found == id_of_content_.end()) return std::nullopt;
  return found->second;
}

const AddedToken* AddedTokens::token(std::int32_t id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

std::vector<const AddedToken*> AddedTokens::tokens() const {
  std::vector<const AddedToken*> sorted;
  for (const auto& [id, token] : tokens_) sorted.push_back(&token);
  std::sort(sorted.begin(), sorted.end(), [](const AddedToken* a, const AddedToken* b) { return a->id < b->id; });
  return sorted;
}

}  // namespace llmtool
