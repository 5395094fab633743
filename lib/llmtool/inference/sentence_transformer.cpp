#include "llmtool/inference/sentence_transformer.h"

namespace llmtool {

SentenceTransformer read_sentence_transformer(const std::filesystem::path& directory) {
  const auto modules = read_module_list(directory);
  if (!modules) return {directory, {}, {}, {}, default_vector_steps(directory)};
  const std::filesystem::path transformer = transformer_folder(directory);
  return {transformer, *modules, read_transformer_settings(transformer), read_sentence_settings(directory),
          read_vector_steps(directory, *modules)};
}

}  // namespace llmtool
