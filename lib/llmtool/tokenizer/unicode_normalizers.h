#pragma once

#include <memory>

#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/unicode_normalization.h"

namespace llmtool {

// NFD and NFKD.
class DecomposingNormalizer : public Normalizer {
 public:
  explicit DecomposingNormalizer(UnicodeMapping mapping) : mapping_(mapping) {}
  static std::unique_ptr<Normalizer> make_nfd(ComponentReader& reader);
  static std::unique_ptr<Normalizer> make_nfkd(ComponentReader& reader);
  void normalize(NormalizedText& text) const override { decompose(text, mapping_); }

 private:
  UnicodeMapping mapping_;
};

// NFC and NFKC.
class ComposingNormalizer : public Normalizer {
 public:
  explicit ComposingNormalizer(UnicodeMapping mapping) : mapping_(mapping) {}
  static std::unique_ptr<Normalizer> make_nfc(ComponentReader& reader);
  static std::unique_ptr<Normalizer> make_nfkc(ComponentReader& reader);
  void normalize(NormalizedText& text) const override { compose(text, mapping_); }

 private:
  UnicodeMapping mapping_;
};

// The character rules of Google's NMT models: control characters go, unusual spaces and ▁ become spaces.
class NmtNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

}  // namespace llmtool
