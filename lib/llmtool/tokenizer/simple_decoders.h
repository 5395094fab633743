#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/decoder.h"
#include "llmtool/tokenizer/pattern.h"

namespace llmtool {

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

}  // namespace llmtool
