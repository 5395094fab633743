#include "load_tokenizer.h"

namespace llmtool::app {

Tokenizer load_tokenizer(const std::filesystem::path& directory, const Context& context) {
  Tokenizer tokenizer = Tokenizer::load(directory);
  for (const std::string& warning : tokenizer.warnings()) context.log().warning(warning);
  return tokenizer;
}

}  // namespace llmtool::app
