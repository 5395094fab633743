#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace llmtool {

// A row of modules.json: one step from texts to vectors, in the order of the list.
struct ModuleRow {
  std::string name;
  std::string type;              // "sentence_transformers.models.Pooling"
  std::filesystem::path folder;  // with what the module needs, relative to the model's; "": the model's own

  // "Pooling"; "" for a module that is not of sentence-transformers itself.
  std::string own_type() const;
};

inline constexpr const char* kModuleListFile = "modules.json";

// The list that makes a folder one of the sentence-transformers library; unset without it. Throws ModelError when it is
// damaged, begins with another module than a Transformer, or a folder lies outside the model's.
std::optional<std::vector<ModuleRow>> read_module_list(const std::filesystem::path& model_directory);

// The folder of the Transformer (config.json, weights, tokenizer): the model's own unless its list names another.
std::filesystem::path transformer_folder(const std::filesystem::path& model_directory);

}  // namespace llmtool
