#include "llmtool/inference/sentence_transformer.h"

#include "llmtool/inference/unused_settings.h"

namespace llmtool {

SentenceTransformer read_sentence_transformer(const std::filesystem::path& directory) {
  const auto modules = read_module_list(directory);
  if (!modules)
    return {
        directory, {}, {}, read_named_prompts(directory), default_vector_steps(directory), unused_settings(directory)};
  const std::filesystem::path transformer = transformer_folder(directory);
  TransformerSettings reading = read_transformer_settings(transformer);
  std::vector<std::string> warnings = unused_settings_beside_modules(directory, transformer, reading.file);
  return {transformer,
          *modules,
          std::move(reading),
          read_sentence_settings(directory),
          read_vector_steps(directory, *modules),
          std::move(warnings)};
}

}  // namespace llmtool
