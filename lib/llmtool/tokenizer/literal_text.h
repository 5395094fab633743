#pragma once

#include <string>

#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {

// One character under `key`; throws ModelError.
char32_t read_character(ComponentReader& reader, std::string_view key);

// `text` with every `pattern` (not empty) replaced, from the left.
std::string replace_all(const std::string& text, std::string_view pattern, std::string_view replacement);

}  // namespace llmtool
