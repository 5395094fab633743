#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/errors.h"

namespace llmtool {

// Byte offset of the first ill-formed UTF-8 sequence (Unicode 15, table 3-7), or nothing when `text` is well-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// Decodes the code point at `position` and advances. Precondition: well-formed text.
char32_t decode_utf8(std::string_view text, std::size_t& position);
void append_utf8(char32_t code_point, std::string& text);

// Number of code points of well-formed text.
std::size_t count_code_points(std::string_view text);

// Where in a text that starts on `first_line` of a file a byte offset lies.
SourcePosition position_in(std::string_view text, std::size_t offset, const std::string& file, std::int64_t first_line);

// Appends the character at `position` and advances. What a terminal obeys or does not show (control characters, marks
// of writing direction, invisible separators) and bytes that are no UTF-8 become escapes: \n, \x1b, \u202e.
void append_visibly(std::string_view text, std::size_t& position, std::string& result);

// What may go to a terminal or into a log: as above, but line feeds and tabs stay.
std::string printable(std::string_view text);

// At most `most` code points, and "…" when there are more. Precondition: well-formed text.
std::string shortened(std::string_view text, std::size_t most = 80);

// A whole message, however long what it tells of is: printable, and of a long one the beginning with the number of
// bytes left out.
std::string printable_message(std::string_view message);

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

// Whether all of `name` is as `pattern` says: `*` stands for any characters, also none, `?` for one.
bool matches_pattern(std::string_view name, std::string_view pattern);

}  // namespace llmtool
