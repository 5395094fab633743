#include "llmtool/tokenizer/unicode_normalizers.h"

namespace llmtool {
namespace {

bool is_nmt_control(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f || c == 0x8f || c == 0x9f;
}

bool is_nmt_space(char32_t c) {
  return c == 0x09 || c == 0x0a || c == 0x0c || c == 0x0d || c == 0x1680 || (c >= 0x200b && c <= 0x200f) ||
         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xfeff || c == 0xfffd;
}

}  // namespace

std::unique_ptr<Normalizer> DecomposingNormalizer::make_nfd(ComponentReader&) {
  return std::make_unique<DecomposingNormalizer>(UnicodeMapping::kCanonical);
}
std::unique_ptr<Normalizer> DecomposingNormalizer::make_nfkd(ComponentReader&) {
  return std::make_unique<DecomposingNormalizer>(UnicodeMapping::kCompatibility);
}
std::unique_ptr<Normalizer> ComposingNormalizer::make_nfc(ComponentReader&) {
  return std::make_unique<ComposingNormalizer>(UnicodeMapping::kCanonical);
}
std::unique_ptr<Normalizer> ComposingNormalizer::make_nfkc(ComponentReader&) {
  return std::make_unique<ComposingNormalizer>(UnicodeMapping::kCompatibility);
}

std::unique_ptr<Normalizer> NmtNormalizer::make(ComponentReader&) { return std::make_unique<NmtNormalizer>(); }

void NmtNormalizer::normalize(NormalizedText& text) const {
  text.filter([](char32_t c) { return !is_nmt_control(c); });
  text.map([](char32_t c) { return is_nmt_space(c) ? U' ' : c; });
}

}  // namespace llmtool
