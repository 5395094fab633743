#include <algorithm>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/tokenizer_state.h"

namespace llmtool {
namespace {

Json added_word(const std::string& word) {
  return {{"content", word}, {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", true},   {"special", false}};
}

}  // namespace

Tokenizer Tokenizer::with_added_tokens(std::span<const std::string> words, AddedTokenCounts* counts) const {
  TokenizerFiles files = state_->files;
  AddedTokenCounts counted;
  std::set<std::string> taken;  // as they are found in a text
  std::int64_t next_id = state_->model->vocabulary().size();
  for (const AddedToken* token : state_->added_tokens->tokens()) {
    next_id = std::max<std::int64_t>(next_id, token->id + 1);
    if (token->normalized) taken.insert(token->normalized_content);
  }
  if (!files.document.contains("added_tokens")) files.document["added_tokens"] = Json::array();
  for (const std::string& word : words) {
    if (find_invalid_utf8(word)) throw DataError("the word " + quote(word) + " to be added is not UTF-8");
    if (find(word)) {
      ++counted.num_known;
      continue;
    }
    const std::string normalized = state_->normalized(word);
    if (normalized.empty() && !word.empty())
      throw DataError("the word " + quote(word) +
                      " to be added is empty once normalised, so it can never be found; leave it out");
    if (word.empty() || !taken.insert(normalized).second) {
      ++counted.num_repeated;
      continue;
    }
    Json token = added_word(word);
    // transformers reads this section before tokenizer.json, where a file has it.
    if (const auto section = files.config.find("added_tokens_decoder"); section != files.config.end())
      (*section)[std::to_string(next_id)] = token;
    Json numbered{{"id", next_id++}};
    numbered.update(token);
    files.document["added_tokens"].push_back(std::move(numbered));
    ++counted.num_added;
  }
  if (counts) *counts = counted;
  return Tokenizer(std::make_unique<State>(std::move(files)));
}

}  // namespace llmtool
