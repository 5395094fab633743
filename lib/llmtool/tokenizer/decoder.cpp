#include "llmtool/tokenizer/decoder.h"

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/component_types.h"
#include "llmtool/tokenizer/literal_text.h"
#include "llmtool/tokenizer/lossy_utf8.h"
#include "llmtool/tokenizer/metaspace.h"
#include "llmtool/tokenizer/simple_decoders.h"

namespace llmtool {
namespace {

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
