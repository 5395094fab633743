#include "llmtool/tokenizer/pre_tokenizer.h"

#include <array>

#include "llmtool/tokenizer/byte_level_pre_tokenizer.h"
#include "llmtool/tokenizer/component_types.h"
#include "llmtool/tokenizer/metaspace.h"
#include "llmtool/tokenizer/simple_pre_tokenizers.h"
#include "llmtool/tokenizer/split_pre_tokenizer.h"

namespace llmtool {
namespace {

struct Row {
  const char* type;
  std::unique_ptr<PreTokenizer> (*make)(ComponentReader&);
};

constexpr std::array kRows{
    Row{"BertPreTokenizer", BertPreTokenizer::make},
    Row{"ByteLevel", ByteLevelPreTokenizer::make},
    Row{"CharDelimiterSplit", CharDelimiterSplitPreTokenizer::make},
    Row{"Digits", DigitsPreTokenizer::make},
    Row{"Metaspace", MetaspacePreTokenizer::make},
    Row{"Punctuation", PunctuationPreTokenizer::make},
    Row{"Sequence", PreTokenizerSequence::make},
    Row{"Split", SplitPreTokenizer::make},
    Row{"Whitespace", WhitespacePreTokenizer::make},
    Row{"WhitespaceSplit", WhitespaceSplitPreTokenizer::make},
};

}  // namespace

std::vector<std::string> pre_tokenizer_types() { return component_types(kRows); }

std::unique_ptr<PreTokenizer> make_pre_tokenizer(ComponentReader reader) {
  const std::string type = reader.string("type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    auto pre_tokenizer = row.make(reader);
    reader.finish();
    return pre_tokenizer;
  }
  reader.unsupported(type, pre_tokenizer_types());
}

}  // namespace llmtool
