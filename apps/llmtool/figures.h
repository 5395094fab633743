#pragma once

#include <cstdint>
#include <string>

#include "llmtool/core/json.h"

namespace llmtool::app {

// Texts between two reports of progress.
inline constexpr std::int64_t kTextsPerReport = 1024;

// "tokens per word                    1.31": a fraction with four digits, or "-" for null.
std::string figure_line(const std::string& name, const Json& value);

}  // namespace llmtool::app
