#include "llmtool/tokenizer/decoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "llmtool/core/text.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/pattern.h"
#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool {
namespace {

// Several decoders, one after the other.
class DecoderSequence : public Decoder {
 public:
  explicit DecoderSequence(std::vector<std::unique_ptr<Decoder>> decoders) : decoders_(std::move(decoders)) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  std::vector<std::unique_ptr<Decoder>> decoders_;
};

// <0xE2> and the like become their bytes; each byte of a run that is not UTF-8 becomes U+FFFD.
class ByteFallbackDecoder : public Decoder {
 public:
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;
};

// All tokens as one, for the decoders after it.
class FuseDecoder : public Decoder {
 public:
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;
};

// One text for another, in each token.
class ReplaceDecoder : public Decoder {
 public:
  ReplaceDecoder(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  Pattern pattern_;
  std::string content_;
};

// Takes a character off each token: at most `start` times at its beginning and `stop` times at its end.
class StripDecoder : public Decoder {
 public:
  StripDecoder(std::string character, std::int64_t start, std::int64_t stop)
      : character_(std::move(character)), start_(start), stop_(stop) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  std::string character_;
  std::int64_t start_;
  std::int64_t stop_;
};

// The suffix that ends a word becomes a space, behind the last token nothing.
class BpeDecoder : public Decoder {
 public:
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  std::string suffix_;
};

// What replacing may make of all tokens of a text together.
constexpr std::size_t kMostDecodedBytes = std::size_t{1} << 28;
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

// The byte a token such as <0xE2> stands for.
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>')) return std::nullopt;
  unsigned int byte = 0;
  const auto [end, error] = std::from_chars(token.data() + 3, token.data() + 5, byte, 16);
  if (error != std::errc() || end != token.data() + 5) return std::nullopt;
  return static_cast<char>(byte);
}

void flush(std::string& bytes, std::vector<std::string>& tokens) {
  if (bytes.empty()) return;
  if (find_invalid_utf8(bytes))
    tokens.insert(tokens.end(), bytes.size(), "\xef\xbf\xbd");
  else
    tokens.push_back(bytes);
  bytes.clear();
}

std::unique_ptr<Decoder> DecoderSequence::make(ComponentReader& reader) {
  std::vector<std::unique_ptr<Decoder>> decoders;
  for (ComponentReader& member : reader.list("decoders")) decoders.push_back(make_decoder(std::move(member)));
  return std::make_unique<DecoderSequence>(std::move(decoders));
}

std::vector<std::string> DecoderSequence::rewrite(std::vector<std::string> tokens) const {
  for (const auto& decoder : decoders_) tokens = decoder->rewrite(std::move(tokens));
  return tokens;
}

std::unique_ptr<Decoder> ByteFallbackDecoder::make(ComponentReader&) { return std::make_unique<ByteFallbackDecoder>(); }

std::vector<std::string> ByteFallbackDecoder::rewrite(std::vector<std::string> tokens) const {
  std::vector<std::string> rewritten;
  std::string bytes;
  for (std::string& token : tokens) {
    if (const auto byte = byte_of(token)) {
      bytes += *byte;
      continue;
    }
    flush(bytes, rewritten);
    rewritten.push_back(std::move(token));
  }
  flush(bytes, rewritten);
  return rewritten;
}

std::unique_ptr<Decoder> FuseDecoder::make(ComponentReader&) { return std::make_unique<FuseDecoder>(); }

std::vector<std::string> FuseDecoder::rewrite(std::vector<std::string> tokens) const {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return {text};
}

std::unique_ptr<Decoder> ReplaceDecoder::make(ComponentReader& reader) {
  Pattern pattern = Pattern::read(reader, "pattern");
  return std::make_unique<ReplaceDecoder>(std::move(pattern), reader.string("content"));
}

std::vector<std::string> ReplaceDecoder::rewrite(std::vector<std::string> tokens) const {
  std::size_t room = kMostDecodedBytes;
  for (std::string& token : tokens) {
    token = pattern_.replace_all(token, content_, room);
    room -= std::min(room, token.size());
  }
  return tokens;
}

std::unique_ptr<Decoder> StripDecoder::make(ComponentReader& reader) {
  std::string character;
  append_utf8(read_character(reader, "content"), character);
  const std::int64_t start = reader.integer("start", 0, kLargest);
  return std::make_unique<StripDecoder>(std::move(character), start, reader.integer("stop", 0, kLargest));
}

std::vector<std::string> StripDecoder::rewrite(std::vector<std::string> tokens) const {
  for (std::string& token : tokens) {
    std::size_t begin = 0;
    for (std::int64_t i = 0; i < start_ && token.compare(begin, character_.size(), character_) == 0; ++i)
      begin += character_.size();
    token.erase(0, begin);
    for (std::int64_t i = 0; i < stop_ && token.ends_with(character_); ++i)
      token.resize(token.size() - character_.size());
  }
  return tokens;
}

std::unique_ptr<Decoder> BpeDecoder::make(ComponentReader& reader) {
  std::string suffix = reader.string("suffix");
  if (suffix.empty()) reader.fail("'suffix' must not be empty");
  return std::make_unique<BpeDecoder>(std::move(suffix));
}

std::vector<std::string> BpeDecoder::rewrite(std::vector<std::string> tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = replace_all(tokens[i], suffix_, i + 1 == tokens.size() ? "" : " ");
  return tokens;
}

struct Row {
  const char* type;
  std::unique_ptr<Decoder> (*make)(ComponentReader&);
};

constexpr std::array kRows{
    Row{"BPEDecoder", BpeDecoder::make},      Row{"ByteFallback", ByteFallbackDecoder::make},
    Row{"ByteLevel", ByteLevelDecoder::make}, Row{"Fuse", FuseDecoder::make},
    Row{"Metaspace", MetaspaceDecoder::make}, Row{"Replace", ReplaceDecoder::make},
    Row{"Sequence", DecoderSequence::make},   Row{"Strip", StripDecoder::make},
    Row{"WordPiece", WordPieceDecoder::make},
};

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// decoders/wordpiece.rs, cleanup(), in its order.
constexpr std::array kCleanup{
    Replacement{" .", "."},   Replacement{" ?", "?"},     Replacement{" !", "!"},     Replacement{" ,", ","},
    Replacement{" ' ", "'"},  Replacement{" n't", "n't"}, Replacement{" 'm", "'m"},   Replacement{" do not", " don't"},
    Replacement{" 's", "'s"}, Replacement{" 've", "'ve"}, Replacement{" 're", "'re"},
};

void clean_up(std::string& token) {
  for (const auto& [from, to] : kCleanup) token = replace_all(token, from, to);
}

// Appends the bytes a token of GPT-2's alphabet stands for; false, and nothing appended, when it is none.
bool append_bytes(std::string_view token, std::string& bytes) {
  const std::size_t before = bytes.size();
  for (std::size_t position = 0; position < token.size();) {
    const auto byte = byte_of_character(decode_utf8(token, position));
    if (!byte) {
      bytes.resize(before);
      return false;
    }
    bytes += static_cast<char>(*byte);
  }
  return true;
}

}  // namespace

std::string Decoder::decode(std::vector<std::string> tokens) const {
  std::string text;
  for (const std::string& token : rewrite(std::move(tokens))) text += token;
  return text;
}

std::vector<std::string> PlainDecoder::rewrite(std::vector<std::string> tokens) const {
  for (std::size_t i = 1; i < tokens.size(); ++i) tokens[i].insert(tokens[i].begin(), ' ');
  return tokens;
}

std::unique_ptr<Decoder> WordPieceDecoder::make(ComponentReader& reader) {
  const std::string prefix = reader.string("prefix");
  return std::make_unique<WordPieceDecoder>(prefix, reader.boolean("cleanup"));
}

std::vector<std::string> WordPieceDecoder::rewrite(std::vector<std::string> tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && tokens[i].starts_with(prefix_))
      tokens[i].erase(0, prefix_.size());
    else if (i > 0)
      tokens[i].insert(tokens[i].begin(), ' ');
    if (cleanup_) clean_up(tokens[i]);
  }
  return tokens;
}

std::unique_ptr<Decoder> ByteLevelDecoder::make(ComponentReader& reader) {
  for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) reader.ignore(key);  // for encoding only
  return std::make_unique<ByteLevelDecoder>();
}

std::vector<std::string> ByteLevelDecoder::rewrite(std::vector<std::string> tokens) const {
  std::string bytes;
  for (const std::string& token : tokens)
    if (!append_bytes(token, bytes)) bytes += token;
  return {to_lossy_utf8(bytes)};
}

std::vector<std::string> decoder_types() { return component_types(kRows); }

std::unique_ptr<Decoder> make_decoder(ComponentReader reader) {
  const std::string type = reader.string("type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    auto decoder = row.make(reader);
    reader.finish();
    return decoder;
  }
  reader.unsupported(type, decoder_types());
}

}  // namespace llmtool
