#include "llmtool/tokenizer/normalizer.h"

#include <array>

#include "llmtool/tokenizer/bert_normalizer.h"
#include "llmtool/tokenizer/component_types.h"
#include "llmtool/tokenizer/precompiled_normalizer.h"
#include "llmtool/tokenizer/simple_normalizers.h"
#include "llmtool/tokenizer/unicode_normalizers.h"

namespace llmtool {
namespace {

struct Row {
  const char* type;
  std::unique_ptr<Normalizer> (*make)(ComponentReader&);
};

constexpr std::array kRows{
    Row{"BertNormalizer", BertNormalizer::make},
    Row{"Lowercase", LowercaseNormalizer::make},
    Row{"NFC", ComposingNormalizer::make_nfc},
    Row{"NFD", DecomposingNormalizer::make_nfd},
    Row{"NFKC", ComposingNormalizer::make_nfkc},
    Row{"NFKD", DecomposingNormalizer::make_nfkd},
    Row{"Nmt", NmtNormalizer::make},
    Row{"Precompiled", PrecompiledNormalizer::make},
    Row{"Prepend", PrependNormalizer::make},
    Row{"Replace", ReplaceNormalizer::make},
    Row{"Sequence", NormalizerSequence::make},
    Row{"Strip", StripNormalizer::make},
    Row{"StripAccents", StripAccentsNormalizer::make},
};

}  // namespace

std::vector<std::string> normalizer_types() { return component_types(kRows); }

std::unique_ptr<Normalizer> make_normalizer(ComponentReader reader) {
  const std::string type = reader.string("type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    auto normalizer = row.make(reader);
    reader.finish();
    return normalizer;
  }
  reader.unsupported(type, normalizer_types());
}

}  // namespace llmtool
