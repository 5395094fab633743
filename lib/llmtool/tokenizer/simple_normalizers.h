#pragma once

#include <memory>
#include <vector>

#include "llmtool/tokenizer/normalizer.h"

namespace llmtool {

// Several normalizers, one after the other.
class NormalizerSequence : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<Normalizer>> normalizers)
      : normalizers_(std::move(normalizers)) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  std::vector<std::unique_ptr<Normalizer>> normalizers_;
};

class LowercaseNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

class NfdNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

// Drops combining marks; unlike BertNormalizer's strip_accents it does not decompose first.
class StripAccentsNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

}  // namespace llmtool
