#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace llmtool {

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

}  // namespace llmtool
