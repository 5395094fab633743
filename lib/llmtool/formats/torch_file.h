#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/file_system.h"
#include "llmtool/formats/tensor_source.h"

namespace llmtool {

// The entries of a zip file held in memory, by name. Only what torch.save writes: stored (uncompressed) entries on one
// disk, with zip64 fields where needed (PKWARE APPNOTE 4.3). Checksums are not verified. Throws ModelError that starts
// with `file`.
std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& file);

// A pytorch_model.bin: what torch.save writes, mapped; the dictionary of tensors may stand under the key `state_dict`,
// `model_state_dict` or `model`. Its pickles are run by an own interpreter that can only build tensors in dictionaries:
// anything else they name (os.system) is refused, nothing is ever executed. Throws ModelError with file and reason,
// ResourceError when it cannot be opened.
class TorchFile : public TensorSource {
 public:
  explicit TorchFile(const std::filesystem::path& path);
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
