#include <algorithm>
#include <set>
#include <string_view>

#include "llmtool/core/errors.h"
#include "llmtool/core/utf8.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/tokenizer.h"
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

namespace {

std::string_view without_outer_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

}  // namespace

std::vector<std::string> read_word_list(const std::filesystem::path& path) {
  const auto rows = open_rows(path.string(), {.format = FileFormat::kText});
  std::vector<std::string> words;
  Row row;
  while (rows->next(row)) {
    const std::string_view word = without_outer_spaces(row.cell(0));
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.empty()) throw DataError({path.string(), 0, 0}, "there are no words in it; expected one a line");
  return words;
}

}  // namespace llmtool
