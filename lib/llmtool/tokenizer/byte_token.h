#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace llmtool {

// Ids of the tokens <0x00> … <0xFF> that stand for the bytes of `text`; nothing when one of them has no token.
std::optional<std::vector<std::int32_t>> byte_token_ids(
    std::string_view text, const std::function<std::optional<std::int32_t>(std::string_view)>& find);

}  // namespace llmtool
