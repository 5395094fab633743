#include "letter_tokenizer.h"

#include "../support/temporary_directory.h"

namespace llmtool::testing {

Tokenizer letter_tokenizer() {
  const TemporaryDirectory directory;
  directory.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\n##x\n");
  directory.write("tokenizer_config.json", R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer"})");
  return Tokenizer::load(directory.path());
}

}  // namespace llmtool::testing
