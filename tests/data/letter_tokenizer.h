#pragma once

#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {

// [PAD] [UNK] [CLS] [SEP] [MASK] a b c d ##x: ids 0 to 9. Every letter is a word.
Tokenizer letter_tokenizer();

}  // namespace llmtool::testing
