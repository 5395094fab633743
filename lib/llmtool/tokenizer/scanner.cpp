#include "llmtool/tokenizer/scanner.h"

#include <algorithm>

#include "llmtool/core/text.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {
namespace {

constexpr char32_t kTableSize = 0x10000;
using Flag = CharacterProperties::Flag;

bool is_kept_mark(char32_t c) {
  const CharacterProperties properties = character_properties(c);
  return properties.combining_class != 0 && !properties.is(Flag::kNonspacingMark);
}

std::string to_utf8(const std::u32string& text) {
  std::string bytes;
  for (const char32_t c : text) append_utf8(c, bytes);
  return bytes;
}

}  // namespace

// One encode call: the word under construction and where its ids go.
class BertScanner::Scan {
 public:
  Scan(const BertScanner& scanner, std::string_view text, std::vector<std::int32_t>& ids)
      : scanner_(scanner), text_(text), ids_(ids) {}

  bool run() {
    while (true) {
      const std::size_t begin = position_;
      while (position_ < text_.size() && scanner_.word_byte_[byte(position_)] != 0) ++position_;
      const bool at_end = position_ == text_.size();
      if (word_.empty() && (at_end || ends_ascii_word(byte(position_)))) {
        if (position_ > begin) emit_ascii(begin, position_);
        if (at_end) return true;
        if (scanner_.ascii_kind_[byte(position_)] == Kind::kIsolated) emit_ascii(position_, position_ + 1);
        ++position_;
        continue;
      }
      for (std::size_t i = begin; i < position_; ++i) word_ += static_cast<char>(scanner_.word_byte_[byte(i)]);
      if (at_end) break;
      if (!take_code_point()) return false;
    }
    end_word();
    return true;
  }

 private:
  unsigned char byte(std::size_t at) const { return static_cast<unsigned char>(text_[at]); }
  bool ends_ascii_word(unsigned char byte) const {
    return byte < 0x80 && (scanner_.ascii_kind_[byte] == Kind::kSpace || scanner_.ascii_kind_[byte] == Kind::kIsolated);
  }

  bool take_code_point() {
    const std::size_t begin = position_;
    const char32_t code_point = decode_utf8(text_, position_);
    if (code_point >= kTableSize) return take_rare(code_point);
    const Action& action = scanner_.actions_[code_point];
    if (action.kind == Kind::kMixed) return take_rare(code_point);
    const std::string_view bytes = action.length == 0
                                       ? text_.substr(begin, position_ - begin)
                                       : std::string_view(scanner_.pool_).substr(action.offset, action.length);
    return take(action.kind, bytes);
  }

  // Not in the table, or several kinds in one.
  bool take_rare(char32_t code_point) {
    std::u32string normalized;
    const Kind kind = scanner_.normalize(code_point, normalized);
    if (kind != Kind::kMixed) return take(kind, to_utf8(normalized));
    for (const char32_t c : normalized) {
      const CharacterProperties properties = character_properties(c);
      const Kind part = properties.is(Flag::kWhitespace)    ? Kind::kSpace
                        : properties.is(Flag::kPunctuation) ? Kind::kIsolated
                                                            : Kind::kWord;
      take(part, to_utf8({c}));
    }
    return true;
  }

  bool take(Kind kind, std::string_view bytes) {
    if (kind == Kind::kOrdered) return false;
    if (kind == Kind::kWord) word_ += bytes;
    if (kind == Kind::kSpace || kind == Kind::kIsolated) end_word();
    if (kind == Kind::kIsolated) emit(bytes, [](unsigned char byte) { return byte; });
    return true;
  }

  void end_word() {
    if (!word_.empty()) emit(word_, [](unsigned char byte) { return byte; });
    word_.clear();
  }

  void emit_ascii(std::size_t begin, std::size_t end) {
    const auto& map = scanner_.ascii_byte_;
    emit(text_.substr(begin, end - begin), [&map](unsigned char byte) { return map[byte]; });
  }

  template <class ByteMap>
  void emit(std::string_view word, const ByteMap& byte_map) {
    const WordPiece& model = scanner_.model_;
    const std::size_t before = ids_.size();
    const auto append = [this](std::int32_t id, std::size_t, std::size_t) { ids_.push_back(id); };
    if (!model.is_too_long(word) && model.match(word.data(), word.size(), byte_map, append)) return;
    ids_.resize(before);
    ids_.push_back(*model.unk_id());
  }

  const BertScanner& scanner_;
  std::string_view text_;
  std::vector<std::int32_t>& ids_;
  std::size_t position_ = 0;
  std::string word_;  // normalised bytes of a word that is not plain ASCII
};

BertScanner::BertScanner(const BertNormalizer::Options& options, const WordPiece& model)
    : options_(options), model_(model) {
  fill_actions();
  fill_ascii();
}

bool BertScanner::encode(std::string_view text, std::vector<std::int32_t>& ids) const {
  const std::size_t before = ids.size();
  if (Scan(*this, text, ids).run()) return true;
  ids.resize(before);
  return false;
}

BertScanner::Kind BertScanner::normalize(char32_t code_point, std::u32string& normalized) const {
  NormalizedText text(to_utf8({code_point}), 0);
  const bool is_chinese = options_.handle_chinese_chars && is_chinese_character(code_point);
  BertNormalizer::Options options = options_;
  options.handle_chinese_chars = false;
  BertNormalizer(options).normalize(text);
  for (const auto& character : text.characters()) normalized += character.code_point;

  const auto count = [&](Flag flag) {
    return std::count_if(normalized.begin(), normalized.end(),
                         [&](char32_t c) { return character_properties(c).is(flag); });
  };
  if (normalized.empty()) return Kind::kDropped;
  if (options_.strip_accents && std::any_of(normalized.begin(), normalized.end(), is_kept_mark)) return Kind::kOrdered;
  const auto special = count(Flag::kWhitespace) + count(Flag::kPunctuation);
  if (special == 0) return is_chinese ? Kind::kIsolated : Kind::kWord;
  if (normalized.size() > 1) return Kind::kMixed;
  return count(Flag::kWhitespace) == 1 ? Kind::kSpace : Kind::kIsolated;
}

std::optional<BertScanner::Kind> BertScanner::kind_if_unchanged(char32_t code_point) const {
  const CharacterProperties properties = character_properties(code_point);
  if (options_.clean_text && properties.is(Flag::kRemoved)) return Kind::kDropped;
  const bool is_hangul = 0xac00 <= code_point && code_point <= 0xd7a3;  // decomposes by computation
  const bool is_plain = (properties.flags & ~(Flag::kWordCharacter | Flag::kCombiningMark)) == 0;
  if (is_hangul || !is_plain || properties.combining_class != 0) return std::nullopt;
  const bool is_chinese = options_.handle_chinese_chars && is_chinese_character(code_point);
  return is_chinese ? Kind::kIsolated : Kind::kWord;
}

void BertScanner::fill_actions() {
  actions_.resize(kTableSize);
  std::u32string normalized;
  for (char32_t c = 0; c < kTableSize; ++c) {
    if (0xd800 <= c && c < 0xe000) continue;  // surrogates do not occur in UTF-8
    Action& action = actions_[c];
    if (const auto kind = kind_if_unchanged(c)) {
      action.kind = *kind;
      continue;
    }
    normalized.clear();
    action.kind = normalize(c, normalized);
    if (action.kind == Kind::kDropped || normalized == std::u32string{c}) continue;
    const std::string bytes = to_utf8(normalized);
    action.offset = static_cast<std::uint32_t>(pool_.size());
    action.length = static_cast<std::uint8_t>(bytes.size());
    pool_ += bytes;
  }
}

void BertScanner::fill_ascii() {
  for (unsigned char c = 0; c < 0x80; ++c) {
    const Action& action = actions_[c];
    const auto byte = action.length == 0 ? c : static_cast<unsigned char>(pool_[action.offset]);
    ascii_kind_[c] = action.kind;
    ascii_byte_[c] = byte;
    if (action.kind == Kind::kWord) word_byte_[c] = byte;
  }
}

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
