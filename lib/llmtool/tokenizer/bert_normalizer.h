#pragma once

#include "llmtool/tokenizer/normalizer.h"

namespace llmtool {

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

}  // namespace llmtool
