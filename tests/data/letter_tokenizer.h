#pragma once

#include <memory>
#include <string>

#include "llmtool/data/corpus.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {

// [PAD] [UNK] [CLS] [SEP] [MASK] a b c d ##x: ids 0 to 9. Every letter is a word.
Tokenizer letter_tokenizer();

// A document per line of `text`, in those tokens.
std::shared_ptr<const Corpus> letter_corpus(const std::string& text);

}  // namespace llmtool::testing
