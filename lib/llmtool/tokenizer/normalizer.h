#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/normalized_text.h"

namespace llmtool {

// Rewrites a text before it is split into words.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void normalize(NormalizedText& text) const = 0;
};

// Builds the normalizer a tokenizer.json names; throws ModelError for a type not in normalizer_types().
std::unique_ptr<Normalizer> make_normalizer(ComponentReader reader);
std::vector<std::string> normalizer_types();

// BertNormalizer of the tokenizers library (normalizers/bert.rs), in its order: clean, Chinese, accents, lowercase.
class BertNormalizer : public Normalizer {
 public:
  struct Options {
    bool clean_text = true;
    bool handle_chinese_chars = true;
    bool strip_accents = true;  // already resolved: unset in the file means as `lowercase`
    bool lowercase = true;
  };
  explicit BertNormalizer(const Options& options) : options_(options) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);

  const Options& options() const { return options_; }
  void normalize(NormalizedText& text) const override;

 private:
  Options options_;
};

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
