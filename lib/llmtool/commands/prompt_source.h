#pragma once

#include <functional>
#include <memory>
#include <string>

#include "llmtool/formats/byte_source.h"

namespace llmtool {

// Opens a file, or standard input for "-". Before a read from standard input would wait for longer than a moment,
// `before_waiting` is called, so that what was read before can be answered.
std::unique_ptr<ByteSource> open_prompt_bytes(const std::string& path, std::function<void()> before_waiting);

}  // namespace llmtool
