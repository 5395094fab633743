#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace llmtool {

// The words of a file, one a line, without the spaces around them; empty lines are skipped. Throws DataError with the
// line that is not UTF-8 or for a file without words, ResourceError.
std::vector<std::string> read_word_list(const std::filesystem::path& path);

}  // namespace llmtool
