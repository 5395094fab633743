#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace llmtool {

// Lists every file below `directory` with size and SHA-256 in MANIFEST.json. Throws ResourceError.
void write_manifest(const std::filesystem::path& directory);

// What is wrong with a directory that has a manifest ("model.safetensors is 12 bytes, expected 90868376"), or nothing
// when every file is there and unchanged. Files that are not listed are ignored.
std::optional<std::string> find_damage(const std::filesystem::path& directory);

}  // namespace llmtool
