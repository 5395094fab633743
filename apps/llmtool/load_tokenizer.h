#pragma once

#include <filesystem>

#include "context.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::app {

// Tokenizer::load(); logs what the files say against one another.
Tokenizer load_tokenizer(const std::filesystem::path& directory, const Context& context);

}  // namespace llmtool::app
