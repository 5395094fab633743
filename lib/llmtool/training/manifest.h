#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/hashing.h"

namespace llmtool {

inline constexpr const char* kManifestName = "MANIFEST.json";

// Lists every file below `directory` with size and SHA-256 in MANIFEST.json. Throws ResourceError.
void write_manifest(const std::filesystem::path& directory);

// Throws ModelError when it is damaged, lists nothing or leaves out one of `required`, ResourceError when it cannot be
// read.
FileDigests read_manifest(const std::filesystem::path& directory, std::span<const std::string_view> required = {});

// What is wrong with a directory that has a manifest ("model.safetensors is 12 bytes, expected 90868376"), or nothing
// when the manifest lists what is `required`, and every file is there and unchanged. Files that are not listed are
// ignored.
std::optional<std::string> find_damage(const std::filesystem::path& directory,
                                       std::span<const std::string_view> required = {});

}  // namespace llmtool
