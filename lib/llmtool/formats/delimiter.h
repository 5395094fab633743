#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// What stands between the fields of a CSV row. kAuto: told by the first lines.
enum class Delimiter { kAuto, kComma, kSemicolon, kTab, kBar };

template <>
struct EnumNames<Delimiter> {
  static constexpr std::array kNames{
      std::pair{Delimiter::kAuto, std::string_view("auto")}, std::pair{Delimiter::kComma, std::string_view(",")},
      std::pair{Delimiter::kSemicolon, std::string_view(";")}, std::pair{Delimiter::kTab, std::string_view("tab")},
      std::pair{Delimiter::kBar, std::string_view("|")}};
};

// Not of kAuto.
char delimiter_character(Delimiter delimiter);
// "';'", "a tab".
std::string describe_delimiter(char delimiter);

// Lines that guess_delimiter() looks at where the first does not suffice.
inline constexpr std::size_t kDelimiterSampleLines = 10;

// The first line of a table told by itself: the one delimiter that stands in a header outside quotes, or a comma where
// none does; nothing when several do, or when there is no header and so nothing that must be there.
std::optional<char> delimiter_of_header(std::string_view line);
// Whether the row behind the header, where it is among these lines, has more than one field, too.
bool is_table_header(std::string_view lines, char delimiter);
// Of the first lines (all of the file when `is_whole`): a comma when it cuts them into equally many fields, else the
// delimiter that cuts them into the most such, else a comma.
char guess_delimiter(std::string_view lines, bool has_header, bool is_whole);

}  // namespace llmtool
