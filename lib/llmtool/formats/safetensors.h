#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/file_system.h"
#include "llmtool/formats/tensor_source.h"

namespace llmtool {

// A .safetensors file, mapped. Opening checks the header against the format and the file's size, as strictly as the
// safetensors library: throws ModelError saying what is wrong (also for a Git LFS pointer or a web page saved in its
// place), ResourceError when the file cannot be opened.
class SafetensorsFile : public TensorSource {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  const std::vector<std::string>& names() const override { return names_; }
  const TensorView* find(std::string_view name) const override;
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  const std::vector<std::filesystem::path>& files() const override { return files_; }

 private:
  MappedFile file_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::string> names_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
};

struct NamedTensor {
  std::string name;
  TensorView tensor;
};

// Writes tensors atomically, without copying them; the bytes are those the safetensors library writes (it sorts by
// element type, widest first, then by name). Throws ResourceError; std::invalid_argument for duplicate names or bytes
// that do not fit the shape.
void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace llmtool
