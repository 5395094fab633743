#include "llmtool/tokenizer/decoder.h"

#include <array>
#include <string_view>

namespace llmtool {
namespace {

struct Row {
  const char* type;
  std::unique_ptr<Decoder> (*make)(ComponentReader&);
};

constexpr std::array kRows{Row{"WordPiece", WordPieceDecoder::make}};

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
  for (const auto& [from, to] : kCleanup)
    for (std::size_t at = token.find(from); at != std::string::npos; at = token.find(from, at + to.size()))
      token.replace(at, from.size(), to);
}

}  // namespace

std::string PlainDecoder::decode(const std::vector<std::string>& tokens) const {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) text += (i == 0 ? "" : " ") + tokens[i];
  return text;
}

std::unique_ptr<Decoder> WordPieceDecoder::make(ComponentReader& reader) {
  const std::string prefix = reader.string("prefix");
  return std::make_unique<WordPieceDecoder>(prefix, reader.boolean("cleanup"));
}

std::string WordPieceDecoder::decode(const std::vector<std::string>& tokens) const {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string token = tokens[i];
    if (i > 0 && token.starts_with(prefix_))
      token.erase(0, prefix_.size());
    else if (i > 0)
      token.insert(0, " ");
    if (cleanup_) clean_up(token);
    text += token;
  }
  return text;
}

std::vector<std::string> decoder_types() {
  std::vector<std::string> types;
  for (const Row& row : kRows) types.emplace_back(row.type);
  return types;
}

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
