#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace llmtool {

// Files of sentence-transformers that stand where the library does not look, so that what they say counts for nothing,
// there and here: a line for each, naming the settings that would have changed vectors. Both throw ModelError for files
// that are damaged.

// Of a folder without modules.json.
std::vector<std::string> unused_settings(const std::filesystem::path& directory);

// Of one with it. `used`: the file that says how the Transformer in `transformer` reads texts; empty for none.
std::vector<std::string> unused_settings_beside_modules(const std::filesystem::path& directory,
                                                        const std::filesystem::path& transformer,
                                                        const std::filesystem::path& used);

}  // namespace llmtool
