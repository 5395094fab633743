#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace llmtool {

// Files of a model folder besides weights and config.json that are made of the tokenizer and of how texts become
// vectors, relative to the folder.
std::span<const std::string_view> side_file_names();

// Copies whatever side files the folder `from` has to the folder `to`, each atomically. Throws ResourceError.
void copy_side_files(const std::filesystem::path& from, const std::filesystem::path& to);

// Takes the modules of a sentence-transformers folder along to a folder that has the Transformer itself: their folders,
// whole, and the files about them; without modules.json the settings alone. Throws ModelError for a module of
// somebody's own code, which would be lost, ResourceError.
void copy_module_folders(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace llmtool
