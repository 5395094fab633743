#pragma once

#include <filesystem>
#include <string_view>

namespace llmtool {

// Throws ModelError when the bytes of a weights file are evidently something else: nothing at all, a Git LFS pointer,
// a web page.
void require_weights_content(std::string_view bytes, const std::filesystem::path& path);

}  // namespace llmtool
