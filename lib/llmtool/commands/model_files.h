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

// One file. Throws ResourceError.
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace llmtool
