#include "llmtool/tokenizer/bpe.h"

#include <bit>
#include <queue>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/vocabulary.h"

// Bpe::make: the model of a tokenizer.json.

namespace llmtool {

MergeTable::MergeTable(const std::vector<Merge>& merges)
    : mask_(std::bit_ceil(2 * merges.size() + 1) - 1), slots_(mask_ + 1, {-1, -1, 0, 0}) {
  for (const Merge& merge : merges) {
    std::size_t i = slot_of(merge.left, merge.right);
    while (slots_[i].left >= 0 && (slots_[i].left != merge.left || slots_[i].right != merge.right)) i = (i + 1) & mask_;
    slots_[i] = merge;
  }
}

// The symbols a word consists of at present: a list linked both ways, so that a merge costs no move.
class Bpe::Word {
 public:
  explicit Word(const MergeTable& merges) : merges_(merges) {}

  void append(std::int32_t id, std::size_t length) {
    const auto index = static_cast<std::int32_t>(symbols_.size());
    symbols_.push_back({id, static_cast<std::uint32_t>(length), index - 1, index + 1});
  }
  // Characters unknown to the vocabulary wait here, because the next one may be fused with them.
  void append_unknown(std::int32_t id, std::size_t length, bool fuse) {
    if (unknown_length_ > 0 && fuse) {
      unknown_length_ += length;
      return;
    }
    flush_unknown(id);
    unknown_length_ = length;
  }
  void flush_unknown(std::int32_t id) {
    if (unknown_length_ > 0) append(id, unknown_length_);
    unknown_length_ = 0;
  }

  // Merges until nothing can be merged: the smallest rank first, of equal ones the leftmost.
  void merge_all() {
    if (symbols_.empty()) return;
    symbols_.back().next = -1;
    for (std::int32_t i = 0; symbols_[index(i)].next >= 0; ++i) consider(i);
    while (!queue_.empty()) {
      const Candidate candidate = queue_.top();
      queue_.pop();
      apply(candidate);
    }
  }

  void tokens_into(std::vector<ModelToken>& tokens) const {
    std::uint32_t position = 0;
    for (const Symbol& symbol : symbols_) {
      if (symbol.length == 0) continue;
      tokens.push_back({symbol.id, position, position + symbol.length});
      position += symbol.length;
    }
  }

 private:
  struct Symbol {
    std::int32_t id;
    std::uint32_t length;  // bytes; 0 once it has been merged into the one before
    std::int32_t previous;
    std::int32_t next;  // -1: none
  };
  struct Candidate {
    std::int32_t rank;
    std::int32_t position;  // of the left symbol
    std::int32_t merged;
    bool operator<(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };

  static std::size_t index(std::int32_t i) { return static_cast<std::size_t>(i); }

  // Puts symbol `left` and its neighbour to the right into the queue, should they be a pair that is merged.
  void consider(std::int32_t left) {
    const Symbol& symbol = symbols_[index(left)];
    if (symbol.next < 0) return;
    if (const auto* merge = merges_.find(symbol.id, symbols_[index(symbol.next)].id))
      queue_.push({merge->rank, left, merge->merged});
  }

  void apply(const Candidate& candidate) {
    Symbol& left = symbols_[index(candidate.position)];
    if (left.length == 0 || left.next < 0) return;
    Symbol& right = symbols_[index(left.next)];
    // A neighbour has changed since; the library compares what the pair becomes, not the pair.
    const auto* merge = merges_.find(left.id, right.id);
    if (!merge || merge->merged != candidate.merged) return;
    left.id = candidate.merged;
    left.length += right.length;
    left.next = right.next;
    right.length = 0;
    if (left.next >= 0) symbols_[index(left.next)].previous = candidate.position;
    if (left.previous >= 0) consider(left.previous);
    consider(candidate.position);
  }

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  std::priority_queue<Candidate> queue_;
  std::size_t unknown_length_ = 0;
};

Bpe::Bpe(Vocabulary vocabulary, MergeTable merges, Options options)
    : vocabulary_(std::move(vocabulary)), merges_(std::move(merges)), options_(std::move(options)) {
  ids_.reserve(vocabulary_.entries().size());
  for (const auto& [token, id] : vocabulary_.entries()) ids_.emplace(token, id);
  if (options_.unk_token) unk_id_ = find(*options_.unk_token);
}

std::optional<std::int32_t> Bpe::find(std::string_view token) const {
  const auto found = ids_.find(token);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

void Bpe::tokenize(std::string_view word, std::vector<ModelToken>& tokens) const {
  if (const auto* known = known_words_.find(word)) {
    tokens.insert(tokens.end(), known->begin(), known->end());
    return;
  }
  const auto before = static_cast<std::ptrdiff_t>(tokens.size());
  tokenize_new(word, tokens);
  known_words_.insert(word, {tokens.begin() + before, tokens.end()});
}

void Bpe::tokenize_new(std::string_view word, std::vector<ModelToken>& tokens) const {
  if (options_.ignore_merges) {
    if (const auto id = find(word)) return tokens.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
  }
  Word symbols(merges_);
  for (std::size_t begin = 0; begin < word.size();) {
    std::size_t end = begin;
    decode_utf8(word, end);
    append_character(word, begin, end, symbols);
    begin = end;
  }
  if (unk_id_) symbols.flush_unknown(*unk_id_);
  symbols.merge_all();
  symbols.tokens_into(tokens);
}

void Bpe::append_character(std::string_view word, std::size_t begin, std::size_t end, Word& symbols) const {
  std::string written(word.substr(begin, end - begin));
  if (begin > 0) written.insert(0, options_.continuing_subword_prefix);
  if (end == word.size()) written += options_.end_of_word_suffix;
  if (const auto id = find(written)) {
    if (unk_id_) symbols.flush_unknown(*unk_id_);
    symbols.append(*id, end - begin);
  } else if (!(options_.byte_fallback && append_bytes(written, symbols)) && unk_id_) {
    symbols.append_unknown(*unk_id_, end - begin, options_.fuse_unk);
  }
}

// False, and nothing appended, when one of the bytes has no token. An unknown character before them stays waiting and
// comes behind them, as in the library.
bool Bpe::append_bytes(std::string_view text, Word& symbols) const {
  const auto ids = byte_token_ids(text, [this](std::string_view token) { return find(token); });
  if (!ids) return false;
  for (const std::int32_t id : *ids) symbols.append(id, 1);
  return true;
}

namespace {

struct WrittenMerge {
  std::string left;
  std::string right;
};

std::string merge_name(std::size_t index) { return "merges[" + std::to_string(index) + "]"; }

// "a b" as it was written until tokenizers 0.19, ["a", "b"] since.
WrittenMerge read_merge(const ComponentReader& reader, const Json& merge, std::size_t index) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  if (!merge.is_string()) reader.fail(merge_name(index) + " must be two tokens, \"a b\" or [\"a\", \"b\"]");
  const auto text = merge.get<std::string>();
  const std::size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
    reader.fail(merge_name(index) + " must be two tokens with one space between them, found " + quote(text));
  return {text.substr(0, space), text.substr(space + 1)};
}

class MergeReader {
 public:
  MergeReader(ComponentReader& reader, const Vocabulary& vocabulary, std::size_t prefix_length)
      : reader_(reader), prefix_length_(prefix_length) {
    for (const auto& [token, id] : vocabulary.entries()) ids_.emplace(token, id);
  }

  std::vector<MergeTable::Merge> read() const {
    const Json& list = reader_.value("merges");
    if (!list.is_array()) reader_.fail("'merges' must be a list");
    std::vector<MergeTable::Merge> merges;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Json& written = list[i];
      if (written.is_string() && written.get_ref<const std::string&>().starts_with("#version")) continue;
      merges.push_back(resolve(read_merge(reader_, written, i), i, merges.size()));
    }
    return merges;
  }

 private:
  MergeTable::Merge resolve(const WrittenMerge& merge, std::size_t index, std::size_t rank) const {
    if (merge.right.size() < prefix_length_)
      reader_.fail(merge_name(index) + ": the token " + quote(merge.right) + " lacks the continuing_subword_prefix");
    return {id_of(merge.left, index), id_of(merge.right, index), static_cast<std::int32_t>(rank),
            id_of(merge.left + merge.right.substr(prefix_length_), index)};
  }

  std::int32_t id_of(const std::string& token, std::size_t index) const {
    const auto found = ids_.find(token);
    if (found == ids_.end()) reader_.fail(merge_name(index) + ": the token " + quote(token) + " is not in 'vocab'");
    return found->second;
  }

  ComponentReader& reader_;
  std::size_t prefix_length_;
  std::unordered_map<std::string_view, std::int32_t> ids_;
};

std::string optional_string(ComponentReader& reader, std::string_view key) {
  return reader.has(key) ? reader.string(key) : "";
}

bool optional_flag(ComponentReader& reader, std::string_view key) { return reader.has(key) && reader.boolean(key); }

void refuse_dropout(ComponentReader& reader) {
  if (!reader.has("dropout")) return;
  const Json& dropout = reader.value("dropout");
  if (!dropout.is_number() || dropout.get<double>() != 0)
    reader.fail("'dropout' other than 0 is not supported: the same text would give other ids each time");
}

}  // namespace

std::unique_ptr<TokenizerModel> Bpe::make(ComponentReader& reader) {
  refuse_dropout(reader);
  Options options;
  if (reader.has("unk_token")) options.unk_token = reader.string("unk_token");
  options.continuing_subword_prefix = optional_string(reader, "continuing_subword_prefix");
  options.end_of_word_suffix = optional_string(reader, "end_of_word_suffix");
  options.fuse_unk = optional_flag(reader, "fuse_unk");
  options.byte_fallback = optional_flag(reader, "byte_fallback");
  options.ignore_merges = optional_flag(reader, "ignore_merges");
  Vocabulary vocabulary = read_vocabulary(reader);
  if (const auto shared = vocabulary.shared_id())
    reader.fail("two tokens of 'vocab' have the id " + std::to_string(*shared));
  MergeTable merges(MergeReader(reader, vocabulary, options.continuing_subword_prefix.size()).read());
  auto model = std::make_unique<Bpe>(std::move(vocabulary), std::move(merges), std::move(options));
  if (model->options_.unk_token && !model->unk_id_)
    reader.fail("the unk_token " + quote(*model->options_.unk_token) + " is not in the vocabulary");
  return model;
}

}  // namespace llmtool
