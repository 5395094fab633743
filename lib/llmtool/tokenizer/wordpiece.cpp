#include "llmtool/tokenizer/wordpiece.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "llmtool/core/text.h"

namespace llmtool {
namespace {

std::vector<std::pair<std::string_view, std::int32_t>> keys_of(const Vocabulary& vocabulary) {
  std::vector<std::pair<std::string_view, std::int32_t>> keys;
  keys.reserve(vocabulary.entries().size());
  for (const auto& [token, id] : vocabulary.entries()) keys.emplace_back(token, id);
  return keys;
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, Options options)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      trie_(keys_of(vocabulary_)),
      continuation_(trie_.walk(ByteTrie::kRoot, options_.continuing_subword_prefix)) {
  for (const auto& [token, id] : vocabulary_.entries())
    if (token.empty()) empty_id_ = id;
  const auto unknown = find(options_.unk_token);
  if (!unknown) throw std::invalid_argument("the unk_token " + quote(options_.unk_token) + " is not in the vocabulary");
  unk_id_ = *unknown;
}

std::unique_ptr<TokenizerModel> WordPiece::make(ComponentReader& reader) {
  Options options;
  options.unk_token = reader.string("unk_token");
  options.continuing_subword_prefix = reader.string("continuing_subword_prefix");
  options.max_input_chars_per_word =
      reader.integer("max_input_chars_per_word", 0, std::numeric_limits<std::int64_t>::max());
  Vocabulary vocabulary = read_vocabulary(reader);
  try {
    return std::make_unique<WordPiece>(std::move(vocabulary), std::move(options));
  } catch (const std::invalid_argument& error) {
    reader.fail(error.what());
  }
}

bool WordPiece::is_too_long(std::string_view word) const {
  return static_cast<std::int64_t>(word.size()) > options_.max_input_chars_per_word &&
         static_cast<std::int64_t>(count_code_points(word)) > options_.max_input_chars_per_word;
}

void WordPiece::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  const std::size_t before = tokens.size();
  const auto emit = [&](std::int32_t id, std::size_t begin, std::size_t end) {
    tokens.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  };
  if (!is_too_long(word) && match(
                                word.data(), word.size(), [](unsigned char byte) { return byte; }, emit))
    return;
  tokens.resize(before);
  emit(unk_id_, 0, word.size());
}

std::optional<std::int32_t> WordPiece::find(std::string_view token) const {
  if (token.empty()) return empty_id_;
  const ByteTrie::State state = trie_.walk(ByteTrie::kRoot, token);
  if (state == ByteTrie::kNone || trie_.value(state) < 0) return std::nullopt;
  return trie_.value(state);
}

}  // namespace llmtool
