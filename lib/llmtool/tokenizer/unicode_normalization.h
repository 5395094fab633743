#pragma once

#include "llmtool/tokenizer/normalized_text.h"

namespace llmtool {

// Unicode Standard Annex 15, at the Unicode version of the pinned tokenizers release.
enum class UnicodeMapping { kCanonical, kCompatibility };

// NFD and NFKD. Origins stay in ascending order even where marks change places.
void decompose(NormalizedText& text, UnicodeMapping mapping = UnicodeMapping::kCanonical);
// NFC and NFKC.
void compose(NormalizedText& text, UnicodeMapping mapping = UnicodeMapping::kCanonical);

}  // namespace llmtool
