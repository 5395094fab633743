#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {

// Turns tokens back into text: rewrites them, and the text is what they give one after the other.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual std::vector<std::string> rewrite(std::vector<std::string> tokens) const = 0;

  std::string decode(std::vector<std::string> tokens) const;
};

// Tokens joined by spaces: what the library does when a file names no decoder.
class PlainDecoder : public Decoder {
 public:
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;
};

// Joins continuing tokens to the one before, the others by a space; cleanup takes spaces before punctuation and
// English contractions out, within each token (decoders/wordpiece.rs).
class WordPieceDecoder : public Decoder {
 public:
  WordPieceDecoder(std::string prefix, bool cleanup) : prefix_(std::move(prefix)), cleanup_(cleanup) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  std::string prefix_;
  bool cleanup_;
};

// From GPT-2's alphabet back to bytes; what is not UTF-8 then becomes U+FFFD (pre_tokenizers/byte_level.rs).
class ByteLevelDecoder : public Decoder {
 public:
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;
};

// Builds the decoder a tokenizer.json names; throws ModelError for a type not in decoder_types().
std::unique_ptr<Decoder> make_decoder(ComponentReader reader);
std::vector<std::string> decoder_types();

}  // namespace llmtool
