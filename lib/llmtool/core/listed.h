#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

namespace llmtool {

// Items as they stand in messages, "a, b, c"; of more than `most`, the first and a count: "a, b and 3 more". `text`
// turns an item into a text: a function, or a member of it.
template <class Items, class Text = std::identity>
std::string listed(const Items& items, const Text& text = {},
                   std::size_t most = std::numeric_limits<std::size_t>::max()) {
  std::string result;
  std::size_t num_listed = 0;
  for (const auto& item : items) {
    if (num_listed == most) break;
    if (num_listed++ > 0) result.append(", ");
    result.append(std::string_view(std::invoke(text, item)));
  }
  const std::size_t left = std::size(items) - num_listed;
  return left > 0 ? result.append(" and ").append(std::to_string(left)).append(" more") : result;
}

}  // namespace llmtool
