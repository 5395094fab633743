#include "llmtool/inference/sentence_transformer.h"

#include <string>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "llmtool/inference/module_list.h"
#include "llmtool/inference/sentence_settings.h"
#include "llmtool/inference/vector_steps.h"

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

namespace {

namespace fs = std::filesystem;

constexpr const char* kPoolingFolder = "1_Pooling";

Json module_row(int index, const std::string& path, const std::string& type) {
  return {{"idx", index},
          {"name", std::to_string(index)},
          {"path", path},
          {"type", "sentence_transformers.models." + type}};
}

Json pooling_config(const SentenceTransformerFiles& files) {
  Json config = {{"word_embedding_dimension", files.hidden_size}};
  for (const PoolingKey& mode : kPoolingKeys)
    if (mode.is_always_written || mode.pooling == files.pooling) config[mode.key] = mode.pooling == files.pooling;
  if (!files.include_prompt) config["include_prompt"] = false;
  return config;
}

void write_json(const fs::path& file, const Json& content) {
  write_file_atomically(file, to_json_text(content, 2) + "\n");
}

}  // namespace

void write_sentence_transformer_files(const fs::path& model_directory, const SentenceTransformerFiles& files) {
  create_folders(model_directory / kPoolingFolder);
  write_json(model_directory / kPoolingFolder / "config.json", pooling_config(files));
  write_json(model_directory / "sentence_bert_config.json",
             {{"max_seq_length", files.max_length}, {"do_lower_case", false}});
  if (!files.settings.is_null()) write_json(model_directory / kSentenceSettingsFile, files.settings);
  Json modules = Json::array({module_row(0, "", "Transformer"), module_row(1, kPoolingFolder, "Pooling")});
  if (files.normalize) modules.push_back(module_row(2, "2_Normalize", "Normalize"));
  write_json(model_directory / kModuleListFile, modules);
}

}  // namespace llmtool
