#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/pattern.h"

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

// A text before every text that is not empty.
class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(std::u32string content) : content_(std::move(content)) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  std::u32string content_;
};

// One text for another.
class ReplaceNormalizer : public Normalizer {
 public:
  ReplaceNormalizer(Pattern pattern, std::u32string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  Pattern pattern_;
  std::u32string content_;
};

// Whitespace off the ends of the text.
class StripNormalizer : public Normalizer {
 public:
  StripNormalizer(bool left, bool right) : left_(left), right_(right) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  bool left_;
  bool right_;
};

// Drops combining marks; unlike BertNormalizer's strip_accents it does not decompose first.
class StripAccentsNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

}  // namespace llmtool
