#pragma once

#include "llmtool/tokenizer/decoder.h"
#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool {

// SentencePiece's way with spaces: ▁ stands for each, and for one put before the text (pre_tokenizers/metaspace.rs).
struct MetaspaceOptions {
  enum class Prepend { kAlways, kFirst, kNever };
  char32_t replacement = U'▁';
  Prepend prepend = Prepend::kAlways;  // kFirst: only where the whole text begins, not behind added tokens
  bool split = true;                   // before every ▁
};
// Throws ModelError.
MetaspaceOptions read_metaspace_options(ComponentReader& reader);

class MetaspacePreTokenizer : public PreTokenizer {
 public:
  explicit MetaspacePreTokenizer(const MetaspaceOptions& options) : options_(options) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  bool prepends(const PreTokenizedText& pre_tokenized, const PreTokenizedText::Word& word) const;

  MetaspaceOptions options_;
};

// ▁ back to spaces; those of the first token vanish unless none is ever put before a text.
class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(const MetaspaceOptions& options) : options_(options) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  MetaspaceOptions options_;
};

}  // namespace llmtool
