#pragma once

#include <filesystem>

namespace llmtool {

// Takes the modules of a sentence-transformers folder along to a folder that has the Transformer itself: their folders,
// whole, and the files about them; without modules.json the settings alone. Throws ModelError for a module of
// somebody's own code, which would be lost, ResourceError.
void copy_module_folders(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace llmtool
