#pragma once

#include <nlohmann/json_fwd.hpp>

namespace llmtool {

// Keys keep the order they were written in. This header is for those that only name the type: core/json.h, which says
// what it can do, costs a second a file.
using Json = nlohmann::ordered_json;

}  // namespace llmtool
