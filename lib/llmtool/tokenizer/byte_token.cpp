#include "llmtool/tokenizer/byte_token.h"

#include <string>

namespace llmtool {

std::optional<std::vector<std::int32_t>> byte_token_ids(
    std::string_view text, const std::function<std::optional<std::int32_t>(std::string_view)>& find) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::vector<std::int32_t> ids;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const auto id = find(std::string{'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'});
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace llmtool
