#include "llmtool/tokenizer/model.h"

#include <array>

#include "llmtool/tokenizer/bpe.h"
#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/unigram.h"
#include "llmtool/tokenizer/wordpiece.h"

namespace llmtool {
namespace {

struct Row {
  const char* type;
  std::unique_ptr<TokenizerModel> (*make)(ComponentReader&);
};

constexpr std::array kRows{
    Row{"BPE", Bpe::make},
    Row{"Unigram", Unigram::make},
    Row{"WordPiece", WordPiece::make},
};

// Files written before the model had a type: told by the keys only one of them has.
std::string type_of(ComponentReader& reader) {
  if (reader.has("type")) return reader.string("type");
  if (reader.has("continuing_subword_prefix") && reader.has("max_input_chars_per_word") && !reader.has("merges"))
    return "WordPiece";
  if (reader.has("merges")) return "BPE";
  reader.fail("the key 'type' is missing");
}

}  // namespace

std::vector<std::string> model_types() { return component_types(kRows); }

std::unique_ptr<TokenizerModel> make_model(ComponentReader reader) {
  const std::string type = type_of(reader);
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    auto model = row.make(reader);
    reader.finish();
    return model;
  }
  reader.unsupported(type, model_types());
}

}  // namespace llmtool
