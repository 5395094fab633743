#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

namespace llmtool {

// How rows stand in a file. kAuto: told by the extension. kSquad: the JSON of SQuAD's questions, which is read only.
// kConll, columns of tagged words with blank lines between sentences, has no rows for a RowReader.
enum class FileFormat { kAuto, kCsv, kTsv, kJsonl, kText, kConll, kSquad };

template <>
struct EnumNames<FileFormat> {
  static constexpr std::array kNames{
      std::pair{FileFormat::kAuto, std::string_view("auto")},  std::pair{FileFormat::kCsv, std::string_view("csv")},
      std::pair{FileFormat::kTsv, std::string_view("tsv")},    std::pair{FileFormat::kJsonl, std::string_view("jsonl")},
      std::pair{FileFormat::kText, std::string_view("text")},  std::pair{FileFormat::kConll, std::string_view("conll")},
      std::pair{FileFormat::kSquad, std::string_view("squad")}};
};

// `format` itself, or for kAuto the one the extension of `path` tells (.csv .tsv .jsonl .ndjson .txt .text .conll .bio
// .iob .json, each also with .gz). Never returns kAuto. Throws DataError for any other extension and for "-" (a stream
// has none).
FileFormat resolve_file_format(const std::string& path, FileFormat format);

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

// What the names of files with rows do not tell; part of section `data` of the run config.
struct TableLayout {
  Delimiter delimiter = Delimiter::kAuto;
  std::int64_t max_row_mib = 16;

  std::size_t longest_row() const { return static_cast<std::size_t>(max_row_mib) << 20; }

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("delimiter", self.delimiter,
          "CSV: what stands between fields; auto is told by the first lines, and a comma where they do not tell.",
          OptionForm{.value = "WHAT",
                     .help = "CSV: what stands between fields: \",\" \";\" tab \"|\" or auto (by the first lines)"});
    visit("max_row_mib", self.max_row_mib,
          "A longer row, in MiB, is an error: mostly a quote that is never closed, or no text.",
          in_range(std::int64_t{1}, std::int64_t{1024}), kNotCompared,
          OptionForm{.value = "N", .help = "A longer row, in MiB, is an error"});
  }
};

}  // namespace llmtool
