#include "llmtool/tokenizer/simple_decoders.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/literal_text.h"

namespace llmtool {
namespace {

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

}  // namespace

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

}  // namespace llmtool
