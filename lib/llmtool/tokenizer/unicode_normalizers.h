#pragma once

#include <memory>

#include "llmtool/tokenizer/normalized_text.h"
#include "llmtool/tokenizer/normalizer.h"

namespace llmtool {

// Unicode Standard Annex 15, at the Unicode version of the pinned tokenizers release.
enum class UnicodeMapping { kCanonical, kCompatibility };

// NFD and NFKD. Origins stay in ascending order even where marks change places.
void decompose(NormalizedText& text, UnicodeMapping mapping = UnicodeMapping::kCanonical);
// NFC and NFKC.
void compose(NormalizedText& text, UnicodeMapping mapping = UnicodeMapping::kCanonical);

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
