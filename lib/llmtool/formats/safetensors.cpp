#include "llmtool/formats/safetensors.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "llmtool/formats/safetensors_header.h"
#include "llmtool/formats/weights_content.h"

namespace llmtool {

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path), files_{path} {
  require_weights_content(file_.bytes(), path);
  const SafetensorsHeader header = parse_safetensors_header(file_.bytes(), path.string());
  const std::string_view data = file_.bytes().substr(header.data_begin);
  for (const StoredTensor& stored : header.tensors) {
    const auto begin = static_cast<std::size_t>(stored.begin);
    const auto size = static_cast<std::size_t>(stored.end - stored.begin);
    tensors_[stored.name] = {stored.dtype, stored.shape, data.substr(begin, size)};
  }
  for (const auto& entry : tensors_) names_.push_back(entry.first);
  metadata_ = header.metadata;
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace llmtool
