#include "letter_tokenizer.h"

#include "../support/temporary_directory.h"

namespace llmtool::testing {

Tokenizer letter_tokenizer() {
  const TemporaryDirectory directory;
  directory.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\n##x\n");
  directory.write("tokenizer_config.json", R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer"})");
  return Tokenizer::load(directory.path());
}

std::shared_ptr<const Corpus> letter_corpus(const std::string& text) {
  const TemporaryDirectory directory;
  const CorpusRequest request{{.files = {directory.write("text.txt", text).string()}}, false};
  return std::make_shared<Corpus>(open_corpus(request, letter_tokenizer(), directory / "cache", 1, silent_events()));
}

}  // namespace llmtool::testing
