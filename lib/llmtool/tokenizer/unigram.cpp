#include "llmtool/tokenizer/unigram.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/vocabulary.h"

namespace llmtool {
namespace {

// An unknown character scores this much below the worst token.
constexpr double kUnknownPenalty = 10;

std::vector<std::pair<std::string_view, std::int32_t>> keys_of(const Vocabulary& vocabulary) {
  std::vector<std::pair<std::string_view, std::int32_t>> keys;
  keys.reserve(vocabulary.entries().size());
  for (const auto& [token, id] : vocabulary.entries()) keys.emplace_back(token, id);
  return keys;
}

struct ScoredVocabulary {
  std::vector<Vocabulary::Entry> entries;
  std::vector<double> scores;
};

// [["<unk>", 0.0], …]
ScoredVocabulary read_scored_vocabulary(ComponentReader& reader) {
  const Json& list = reader.value("vocab");
  if (!list.is_array() || list.empty()) reader.fail("'vocab' must be a list of tokens and their scores");
  if (list.size() > static_cast<std::size_t>(Vocabulary::kLargestId)) reader.fail("'vocab' is too long");
  ScoredVocabulary vocabulary;
  std::unordered_set<std::string> seen;
  TokenLengths lengths;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& row = list[i];
    if (!row.is_array() || row.size() != 2 || !row[0].is_string() || !row[1].is_number())
      reader.fail("vocab[" + std::to_string(i) + "] must be a token and its score");
    auto token = row[0].get<std::string>();
    lengths.add(token, reader);
    if (!seen.insert(token).second)
      reader.fail("vocab[" + std::to_string(i) + "]: the token " + quote(token) + " stands there twice");
    vocabulary.entries.push_back({std::move(token), static_cast<std::int32_t>(i)});
    vocabulary.scores.push_back(row[1].get<double>());
  }
  return vocabulary;
}

}  // namespace

Unigram::Unigram(Vocabulary vocabulary, std::vector<double> scores, Options options)
    : vocabulary_(std::move(vocabulary)),
      scores_(std::move(scores)),
      unknown_score_(*std::min_element(scores_.begin(), scores_.end()) - kUnknownPenalty),
      options_(options),
      trie_(keys_of(vocabulary_)) {
  if (options_.unk_id && !vocabulary_.token(*options_.unk_id))
    throw std::invalid_argument("the unk_id " + std::to_string(*options_.unk_id) + " is not in the vocabulary");
}

std::unique_ptr<TokenizerModel> Unigram::make(ComponentReader& reader) {
  Options options;
  if (reader.has("unk_id"))
    options.unk_id = static_cast<std::int32_t>(reader.integer("unk_id", 0, Vocabulary::kLargestId));
  if (reader.has("byte_fallback")) options.byte_fallback = reader.boolean("byte_fallback");
  ScoredVocabulary vocabulary = read_scored_vocabulary(reader);
  try {
    return std::make_unique<Unigram>(Vocabulary(std::move(vocabulary.entries)), std::move(vocabulary.scores), options);
  } catch (const std::invalid_argument& error) {
    reader.fail(error.what());
  }
}

std::optional<std::int32_t> Unigram::find(std::string_view token) const {
  const ByteTrie::State state = token.empty() ? ByteTrie::kNone : trie_.walk(ByteTrie::kRoot, token);
  if (state == ByteTrie::kNone || trie_.value(state) < 0) return std::nullopt;
  return trie_.value(state);
}

void Unigram::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  if (const auto* known = known_words_.find(word)) {
    tokens.insert(tokens.end(), known->begin(), known->end());
    return;
  }
  const auto before = static_cast<std::ptrdiff_t>(tokens.size());
  tokenize_new(word, tokens);
  known_words_.insert(word, {tokens.begin() + before, tokens.end()});
}

std::int32_t Unigram::required_unk_id(std::string_view word) const {
  if (!options_.unk_id)
    throw DataError("a part of " + quote(word) + " has no token, and the tokenizer has no unknown token (unk_id)");
  return *options_.unk_id;
}

std::vector<Unigram::Step> Unigram::best_steps(std::string_view word) const {
  std::vector<Step> steps(word.size() + 1);
  for (std::size_t begin = 0; begin < word.size();) {
    const double score_here = steps[begin].score;
    const auto offer = [&](std::size_t end, double score, std::int32_t id) {
      Step& step = steps[end];
      if (step.begin < 0 || score_here + score > step.score)
        step = {score_here + score, static_cast<std::int32_t>(begin), id};
    };
    std::size_t next = begin;
    decode_utf8(word, next);
    bool has_single_character = false;
    ByteTrie::State state = ByteTrie::kRoot;
    for (std::size_t i = begin; i < word.size(); ++i) {
      state = trie_.step(state, static_cast<unsigned char>(word[i]));
      if (state == ByteTrie::kNone) break;
      const std::int32_t id = trie_.value(state);
      if (id < 0) continue;
      offer(i + 1, scores_[static_cast<std::size_t>(id)], id);
      if (i + 1 == next) has_single_character = true;
    }
    if (!has_single_character) offer(next, unknown_score_, required_unk_id(word));
    begin = next;
  }
  return steps;
}

void Unigram::tokenize_new(std::string_view word, std::vector<ModelToken>& tokens) const {
  const std::vector<Step> steps = best_steps(word);
  struct Piece {
    std::uint32_t begin;
    std::uint32_t end;
  };
  std::vector<Piece> pieces;  // from the last
  bool fuses = false;         // the piece just added is unknown: the one before it joins, if it is unknown too
  for (auto end = static_cast<std::int32_t>(word.size()); end > 0;) {
    const Step& step = steps[static_cast<std::size_t>(end)];
    const bool is_unknown = step.id == options_.unk_id;
    if (is_unknown && fuses)
      pieces.back().begin = static_cast<std::uint32_t>(step.begin);
    else
      pieces.push_back({static_cast<std::uint32_t>(step.begin), static_cast<std::uint32_t>(end)});
    fuses = is_unknown;
    end = step.begin;
  }
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) append(word, piece->begin, piece->end, tokens);
}

void Unigram::append(std::string_view word, std::uint32_t begin, std::uint32_t end,
                     std::vector<ModelToken>& tokens) const {
  const std::string_view text = word.substr(begin, end - begin);
  if (const auto id = find(text)) return tokens.push_back({*id, begin, end});
  if (options_.byte_fallback) {
    if (const auto ids = byte_token_ids(text, [this](std::string_view token) { return find(token); })) {
      for (const std::int32_t id : *ids) tokens.push_back({id, begin, end});
      return;
    }
  }
  tokens.push_back({required_unk_id(word), begin, end});
}

}  // namespace llmtool
