#pragma once

#include <filesystem>
#include <optional>

namespace llmtool {

// Absolute, as the system resolves it: without links as far as the path exists; a link that leads nowhere yet is
// followed to where it leads.
std::filesystem::path resolved_path(const std::filesystem::path& path);

// Where `path` lies in `folder`, both resolved: "a/b", or "" for the folder itself; nothing when it lies elsewhere.
std::optional<std::filesystem::path> place_in(const std::filesystem::path& folder, const std::filesystem::path& path);

}  // namespace llmtool
