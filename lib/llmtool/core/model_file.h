#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace llmtool {

// The largest text file of a model folder that is read (config, tokenizer, vocabulary): several times what the largest
// vocabularies in use take.
inline constexpr std::size_t kLargestModelFile = std::size_t{128} << 20;

// Throws ModelError for what stands in a clone of a repository in place of a file that Git LFS has not fetched.
void refuse_git_lfs_pointer(std::string_view content, const std::string& file);

// Reads a whole file of a model folder as bytes. Throws ResourceError as read_file() does, and ModelError for what is
// no file (a FIFO or a device, which would block or never end), for more than `limit` bytes, and for a Git LFS pointer.
std::string read_model_file(const std::filesystem::path& path, std::size_t limit = kLargestModelFile);

}  // namespace llmtool
