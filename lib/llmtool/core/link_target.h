#pragma once

#include <filesystem>

namespace llmtool {

// The path that a link, or a chain of links, leads to, also where nothing is there yet; any other path itself. Throws
// ResourceError for a loop.
std::filesystem::path link_target(const std::filesystem::path& path);

}  // namespace llmtool
