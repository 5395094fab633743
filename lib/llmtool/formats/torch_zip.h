#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/mapped_file.h"
#include "llmtool/formats/tensor_source.h"

namespace llmtool {

// A pytorch_model.bin: the zip that torch.save writes (PyTorch 1.6 and later), mapped. Its pickle is run by an own
// interpreter that can only build tensors in dictionaries: anything else it names (os.system) is refused, nothing is
// ever executed. Throws ModelError with file and reason (old formats: how to convert), ResourceError when it cannot be
// opened.
class TorchZipFile : public TensorSource {
 public:
  explicit TorchZipFile(const std::filesystem::path& path);
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
  std::deque<std::string> contiguous_copies_;  // of tensors stored with strides, such as transposed ones
};

}  // namespace llmtool
