#pragma once

#include <map>
#include <string>
#include <string_view>

#include "llmtool/formats/pickle_value.h"

namespace llmtool {

// What torch.save wrote: the value that was saved, and the bytes of its storages by key.
struct TorchContent {
  PickleValue root;
  std::map<std::string, std::string_view, std::less<>> storages;
};

// The content of a whole file, a zip (PyTorch 1.6 and later) or pickles behind each other, then the storages (before).
// `bytes` and `memory` must outlive it. Throws ModelError that starts with `file`.
TorchContent read_torch_content(std::string_view bytes, PickleMemory& memory, const std::string& file);

}  // namespace llmtool
