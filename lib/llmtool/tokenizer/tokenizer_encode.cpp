#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/encoding.h"
#include "llmtool/tokenizer/tokenizer.h"
#include "llmtool/tokenizer/tokenizer_state.h"

namespace llmtool {
namespace {

bool is_ascii(std::string_view text) {
  unsigned char seen = 0;
  for (const char byte : text) seen |= static_cast<unsigned char>(byte);
  return seen < 0x80;
}

void require_utf8(std::string_view text) {
  if (is_ascii(text)) return;
  if (const auto invalid = find_invalid_utf8(text))
    throw DataError("the text is not UTF-8 (byte offset " + std::to_string(*invalid) + ")");
}

// Where each code point of a normalised text begins in its UTF-8 form, and where the last ends.
std::vector<std::size_t> code_point_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t position = 0; position < text.size(); decode_utf8(text, position)) starts.push_back(position);
  starts.push_back(text.size());
  return starts;
}

}  // namespace

// The general way: each step as the library takes it, with the origin of every code point.
class Tokenizer::State::TextEncoder {
 public:
  TextEncoder(const State& state, bool with_offsets, TextTokens& result)
      : state_(state),
        with_offsets_(with_offsets),
        with_spaces_(with_offsets && state.post_processor.trims_offsets()),
        result_(result) {}

  // A part of the text between raw added tokens, which begins at code point `first_index`.
  void encode(std::string_view part, std::int32_t first_index) {
    NormalizedText text(part, first_index);
    if (state_.normalizer) state_.normalizer->normalize(text);
    if (text.size() == 0) return;
    if (!state_.added_tokens->normalized().empty()) return encode_around_added_tokens(text);
    const std::int32_t begin = text.characters().front().origin.begin;
    encode_words(std::move(text), begin);
  }

  // `written`: the token as it stands in the text or the vocabulary; used only when with_spaces_.
  void append(std::int32_t id, Offset offset, std::string_view written) {
    result_.ids.push_back(id);
    if (with_offsets_) result_.offsets.push_back(offset);
    if (with_spaces_) result_.outer_spaces.push_back(outer_spaces(written));
  }

 private:
  void encode_around_added_tokens(const NormalizedText& text) {
    const std::string bytes = text.to_utf8();
    const std::vector<std::size_t> starts = code_point_starts(bytes);
    const auto index_of = [&](std::size_t position) {
      return static_cast<std::size_t>(std::lower_bound(starts.begin(), starts.end(), position) - starts.begin());
    };
    std::vector<TextSection> sections;
    state_.added_tokens->normalized().cut(bytes, sections);
    for (const TextSection& section : sections) {
      const std::size_t begin = index_of(section.begin);
      const std::size_t end = index_of(section.end);
      if (section.id)
        append(*section.id, origin_of(text, begin, end),
               std::string_view(bytes).substr(section.begin, section.end - section.begin));
      else
        encode_words(text.part(begin, end), text.characters()[begin].origin.begin);
    }
  }

  void encode_words(NormalizedText text, std::int32_t first_index) {
    if (text.size() == 0) return;
    const std::size_t size = text.size();
    PreTokenizedText pre_tokenized{std::move(text), {{0, size}}, first_index};
    if (state_.pre_tokenizer) state_.pre_tokenizer->split(pre_tokenized);
    for (const PreTokenizedText::Word& word : pre_tokenized.words) encode_word(pre_tokenized.text, word);
  }

  void encode_word(const NormalizedText& text, const PreTokenizedText::Word& word) {
    bytes_.clear();
    character_of_byte_.clear();
    for (std::size_t i = word.begin; i < word.end; ++i) {
      append_utf8(text.characters()[i].code_point, bytes_);
      character_of_byte_.resize(bytes_.size(), i);
    }
    tokens_.clear();
    state_.model->tokenize(bytes_, tokens_);
    for (const ModelToken& token : tokens_)
      append(token.id, origin_of(text, token), with_spaces_ ? *state_.token(token.id) : std::string_view());
  }

  // A token may be a part of a character (byte_fallback).
  Offset origin_of(const NormalizedText& text, const ModelToken& token) const {
    const std::size_t last = character_of_byte_.size() - 1;
    return origin_of(text, character_of_byte_[std::min<std::size_t>(token.begin, last)],
                     character_of_byte_[std::min<std::size_t>(token.end - 1, last)] + 1);
  }

  static Offset origin_of(const NormalizedText& text, std::size_t begin, std::size_t end) {
    return {text.characters()[begin].origin.begin, text.characters()[end - 1].origin.end};
  }

  const State& state_;
  bool with_offsets_;
  bool with_spaces_;
  TextTokens& result_;
  std::string bytes_;  // of the word
  std::vector<std::size_t> character_of_byte_;
  std::vector<ModelToken> tokens_;
};

void Tokenizer::State::encode_text(std::string_view text, bool with_offsets, TextTokens& tokens) const {
  require_utf8(text);
  TextEncoder general(*this, with_offsets, tokens);
  std::int32_t index = 0;  // code points before the section
  const auto encode_plain = [&](std::string_view part) {
    // Where there are normalized added tokens a scanner has no normalizer, so they are matched in the text as it is.
    const bool scan = scanner && !with_offsets && !added_tokens->normalized().may_match(part);
    if (scan && scanner->encode(part, tokens.ids)) return;
    general.encode(part, index);
  };
  if (!added_tokens->raw().may_match(text)) return encode_plain(text);

  std::vector<TextSection> sections;
  added_tokens->raw().cut(text, sections);
  for (const TextSection& section : sections) {
    const std::string_view part = text.substr(section.begin, section.end - section.begin);
    index = static_cast<std::int32_t>(count_code_points(text.substr(0, section.begin)));
    if (section.id)
      general.append(*section.id, {index, index + static_cast<std::int32_t>(count_code_points(part))}, part);
    else
      encode_plain(part);
  }
}

EncodeOptions EncodeOptions::from(const TokenizerOptions& options) {
  return {
      .max_length = options.max_length, .truncation = options.truncation, .truncation_side = options.truncation_side};
}

WindowOptions WindowOptions::from(const TokenizerOptions& options) {
  const std::int64_t max_length = options.max_length.value();
  return {max_length, options.stride.value_or(max_length / 3)};
}

Encoding Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  Encoding result;
  encode_into(text, std::nullopt, options, result);
  return result;
}

Encoding Tokenizer::encode(std::string_view text, std::string_view pair, const EncodeOptions& options) const {
  Encoding result;
  encode_into(text, pair, options, result);
  return result;
}

namespace {

// Tokens of one text that stay after truncation.
struct Kept {
  std::size_t begin;
  std::size_t end;
};

Kept kept_part(std::size_t begin, std::size_t end, std::int64_t length, TruncationSide side) {
  const auto kept = static_cast<std::size_t>(length);
  return side == TruncationSide::kRight ? Kept{begin, begin + kept} : Kept{end - kept, end};
}

// Puts the texts' tokens, which stand in `ids` and `offsets` one after the other, into the post-processor's layout.
class Assembly {
 public:
  Assembly(const TextTokens& tokens, const PostProcessor& post_processor, Encoding& result)
      : tokens_(tokens), post_processor_(post_processor), result_(result) {
    result_.ids.clear();
    result_.type_ids.clear();
    result_.offsets.clear();
    result_.sequence_ids.clear();
    result_.word_ids.clear();
  }

  // `kept` of the first and of the second text.
  void put(const std::array<Kept, 2>& kept, bool is_pair, bool with_special_tokens, bool with_offsets) {
    for (const PostProcessor::Piece& piece : post_processor_.layout(is_pair)) {
      if (piece.sequence >= 0)
        add_sequence(piece, kept[static_cast<std::size_t>(piece.sequence)], with_offsets);
      else if (with_special_tokens)
        add_special(piece, with_offsets);
    }
  }

 private:
  void add_special(const PostProcessor::Piece& piece, bool with_offsets) {
    result_.ids.insert(result_.ids.end(), piece.ids.begin(), piece.ids.end());
    label(piece.ids.size(), piece.type_id, -1, with_offsets);
    if (with_offsets) result_.offsets.resize(result_.ids.size());
  }

  void add_sequence(const PostProcessor::Piece& piece, const Kept& kept, bool with_offsets) {
    result_.ids.insert(result_.ids.end(), tokens_.ids.begin() + static_cast<std::ptrdiff_t>(kept.begin),
                       tokens_.ids.begin() + static_cast<std::ptrdiff_t>(kept.end));
    if (with_offsets)
      for (std::size_t i = kept.begin; i < kept.end; ++i) result_.offsets.push_back(offset(i, i == kept.begin));
    label(kept.end - kept.begin, piece.type_id, piece.sequence, with_offsets);
  }

  Offset offset(std::size_t i, bool is_first) const {
    if (!post_processor_.trims_offsets()) return tokens_.offsets[i];
    return post_processor_.trimmed(tokens_.offsets[i], tokens_.outer_spaces[i], is_first);
  }

  void label(std::size_t count, std::int32_t type_id, std::int32_t sequence, bool with_offsets) {
    result_.type_ids.insert(result_.type_ids.end(), count, type_id);
    if (with_offsets) result_.sequence_ids.insert(result_.sequence_ids.end(), count, sequence);
  }

  const TextTokens& tokens_;
  const PostProcessor& post_processor_;
  Encoding& result_;
};

}  // namespace

void Tokenizer::encode_into(std::string_view text, std::optional<std::string_view> pair, const EncodeOptions& options,
                            Encoding& result) const {
  TextTokens tokens;
  tokens.ids.reserve((text.size() + pair.value_or("").size()) / 3 + 8);  // English text has about 4.5 bytes a token
  state_->encode_text(text, options.offsets, tokens);
  const std::size_t boundary = tokens.ids.size();
  if (pair) state_->encode_text(*pair, options.offsets, tokens);

  const std::int64_t special = options.add_special_tokens ? num_special_tokens(pair.has_value()) : 0;
  const auto total = static_cast<std::int64_t>(tokens.ids.size());
  const auto first = static_cast<std::int64_t>(boundary);
  KeptLengths lengths{first, total - first};
  result.truncated = options.max_length && total + special > *options.max_length;
  result.num_tokens_before_truncation = total + special;
  if (result.truncated) {
    if (*options.max_length < special)
      throw UsageError("max_length " + std::to_string(*options.max_length) + " leaves no room for the " +
                       std::to_string(special) + " special tokens of an example");
    lengths = truncated_lengths(first, pair ? std::optional(total - first) : std::nullopt,
                                *options.max_length - special, options.truncation);
  }
  Assembly(tokens, state_->post_processor, result)
      .put({kept_part(0, boundary, lengths.first, options.truncation_side),
            kept_part(boundary, tokens.ids.size(), lengths.second, options.truncation_side)},
           pair.has_value(), options.add_special_tokens, options.offsets);
}

namespace {

// The windows of `num_tokens` tokens when `room` of them fit in one. The library puts the last window where the steps
// lead, so that it may be shorter than the others.
std::vector<Kept> window_parts(std::size_t num_tokens, std::int64_t room, std::int64_t stride) {
  if (static_cast<std::int64_t>(num_tokens) <= room) return {{0, num_tokens}};
  if (room <= stride)
    throw DataError("the windows of a text have room for " + std::to_string(std::max<std::int64_t>(room, 0)) +
                    " of its tokens, but " + std::to_string(stride) +
                    " of them are to stand in two windows (tokenizer.stride); raise the length or lower the stride");
  std::vector<Kept> parts;
  const auto step = static_cast<std::size_t>(room - stride);
  for (std::size_t begin = 0;; begin += step) {
    parts.push_back({begin, std::min(begin + static_cast<std::size_t>(room), num_tokens)});
    if (parts.back().end == num_tokens) return parts;
  }
}

}  // namespace

std::vector<Encoding> Tokenizer::encode_windows(std::string_view text, const WindowOptions& options) const {
  TextTokens tokens;
  state_->encode_text(text, true, tokens);
  std::vector<Encoding> windows;
  for (const Kept& part :
       window_parts(tokens.ids.size(), options.max_length - num_special_tokens(false), options.stride))
    Assembly(tokens, state_->post_processor, windows.emplace_back()).put({part, Kept{}}, false, true, true);
  return windows;
}

std::vector<Encoding> Tokenizer::encode_windows(std::string_view text, std::string_view pair,
                                                const WindowOptions& options) const {
  TextTokens tokens;
  state_->encode_text(text, true, tokens);
  const std::size_t boundary = tokens.ids.size();
  state_->encode_text(pair, true, tokens);
  const std::int64_t room = options.max_length - num_special_tokens(true) - static_cast<std::int64_t>(boundary);
  std::vector<Encoding> windows;
  for (const Kept& part : window_parts(tokens.ids.size() - boundary, room, options.stride))
    Assembly(tokens, state_->post_processor, windows.emplace_back())
        .put({Kept{0, boundary}, Kept{boundary + part.begin, boundary + part.end}}, true, true, true);
  return windows;
}

std::vector<Encoding> Tokenizer::encode_words(std::span<const std::string> words, const WindowOptions& options) const {
  TextTokens tokens;
  std::vector<std::int32_t> word_ids;
  for (std::size_t word = 0; word < words.size(); ++word) {
    state_->encode_text(words[word], true, tokens);
    word_ids.resize(tokens.ids.size(), static_cast<std::int32_t>(word));
  }
  std::vector<Encoding> windows;
  for (const Kept& part :
       window_parts(tokens.ids.size(), options.max_length - num_special_tokens(false), options.stride)) {
    Encoding& window = windows.emplace_back();
    Assembly(tokens, state_->post_processor, window).put({part, Kept{}}, false, true, true);
    std::size_t token = part.begin;
    for (const std::int32_t sequence : window.sequence_ids)
      window.word_ids.push_back(sequence < 0 ? -1 : word_ids[token++]);
  }
  return windows;
}

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
