#pragma once

#include <filesystem>

namespace llmtool {

// False for what gives its content only once: a pipe, a device, standard input ("-"). True for a file, also a missing
// one: opening it will say what is wrong.
bool can_be_read_again(const std::filesystem::path& path);

}  // namespace llmtool
