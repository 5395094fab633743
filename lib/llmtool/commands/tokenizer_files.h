#pragma once

#include <filesystem>

namespace llmtool {

// Copies whatever files of a tokenizer the folder `from` has to the folder `to`, each atomically. Throws ResourceError.
void copy_tokenizer_files(const std::filesystem::path& from, const std::filesystem::path& to);

// One file. Throws ResourceError.
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace llmtool
