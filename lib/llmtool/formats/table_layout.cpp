#include "llmtool/formats/table_layout.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

constexpr std::array kExtensions{std::pair{std::string_view(".csv"), FileFormat::kCsv},
                                 std::pair{std::string_view(".tsv"), FileFormat::kTsv},
                                 std::pair{std::string_view(".jsonl"), FileFormat::kJsonl},
                                 std::pair{std::string_view(".ndjson"), FileFormat::kJsonl},
                                 std::pair{std::string_view(".txt"), FileFormat::kText},
                                 std::pair{std::string_view(".text"), FileFormat::kText},
                                 std::pair{std::string_view(".conll"), FileFormat::kConll},
                                 std::pair{std::string_view(".bio"), FileFormat::kConll},
                                 std::pair{std::string_view(".iob"), FileFormat::kConll},
                                 std::pair{std::string_view(".json"), FileFormat::kSquad}};

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

std::string known_extensions() {
  std::string list;
  for (const auto& [extension, format] : kExtensions) list += std::string(extension) + ", ";
  return list + "each also with .gz";
}

[[noreturn]] void fail_unknown(const std::string& path) {
  if (path == "-")
    throw DataError("a stream has no file name that tells its format; give it: csv, tsv, jsonl, text or squad");
  if (is_folder(path)) throw ResourceError(path + " is a folder; name a file");
  throw DataError(path + ": the format is not told by the file name; known extensions: " + known_extensions() +
                  "; otherwise give the format: csv, tsv, jsonl, text or squad");
}

}  // namespace

FileFormat resolve_file_format(const std::string& path, FileFormat format) {
  if (format != FileFormat::kAuto) return format;
  std::string name = in_lower_case(path);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const auto& [extension, known] : kExtensions)
    if (name.ends_with(extension)) return known;
  fail_unknown(path);
}

namespace {

constexpr std::string_view kCandidates = ",;\t|";

// Place behind the field that begins at `begin`; npos when its quote is not closed.
std::size_t end_of_field(std::string_view text, std::size_t begin, char delimiter) {
  if (begin < text.size() && text[begin] == '"') {
    do {
      const std::size_t closing = text.find('"', begin + 1);
      if (closing == std::string_view::npos) return closing;
      begin = closing + 1;
    } while (begin < text.size() && text[begin] == '"');  // a doubled quote goes on
  }
  while (begin < text.size() && text[begin] != delimiter && text[begin] != '\n') ++begin;
  return begin;
}

// Numbers of fields of the rows. The last row is left out unless it is known to be whole.
std::vector<std::size_t> count_fields(std::string_view text, char delimiter, bool is_whole) {
  std::vector<std::size_t> counts;
  std::size_t num_fields = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = end_of_field(text, begin, delimiter);
    if (end == std::string_view::npos) return counts;
    ++num_fields;
    const bool ends_row = end == text.size() ? is_whole : text[end] == '\n';
    if (ends_row) {
      const std::string_view field = text.substr(begin, end - begin);
      const bool is_empty_line = num_fields == 1 && (field.empty() || field == "\r");
      if (!is_empty_line) counts.push_back(num_fields);
      num_fields = 0;
    }
    begin = end + 1;
  }
  if (is_whole && num_fields > 0) counts.push_back(num_fields + 1);  // a delimiter is the last character
  return counts;
}

}  // namespace

char delimiter_character(Delimiter delimiter) {
  switch (delimiter) {
    case Delimiter::kComma:
      return ',';
    case Delimiter::kSemicolon:
      return ';';
    case Delimiter::kTab:
      return '\t';
    case Delimiter::kBar:
      return '|';
    case Delimiter::kAuto:
      break;
  }
  throw std::invalid_argument("auto is no delimiter");
}

std::string describe_delimiter(char delimiter) {
  return delimiter == '\t' ? "a tab" : std::string("'") + delimiter + "'";
}

std::optional<char> delimiter_of_header(std::string_view line) {
  std::optional<char> found;
  for (const char candidate : kCandidates) {
    const std::vector<std::size_t> counts = count_fields(line, candidate, /*is_whole=*/true);
    if (counts.empty()) return std::nullopt;  // a quote that is closed on a later line
    if (counts.front() < 2) continue;
    if (found) return std::nullopt;
    found = candidate;
  }
  return found.value_or(',');
}

bool is_table_header(std::string_view lines, char delimiter) {
  const std::vector<std::size_t> counts = count_fields(lines, delimiter, /*is_whole=*/false);
  return counts.size() < 2 || counts[1] > 1;
}

char guess_delimiter(std::string_view lines, bool has_header, bool is_whole) {
  // Without names, a text that has a candidate in it is no table yet.
  const std::size_t fewest_rows = has_header ? 1 : 2;
  char best = ',';
  std::size_t most_fields = 1;
  for (const char candidate : kCandidates) {
    const std::vector<std::size_t> counts = count_fields(lines, candidate, is_whole);
    const bool is_table = counts.size() >= fewest_rows &&
                          std::all_of(counts.begin(), counts.end(), [&](std::size_t n) { return n == counts.front(); });
    if (!is_table || counts.front() <= most_fields) continue;
    best = candidate;
    most_fields = counts.front();
    if (candidate == ',') return best;
  }
  return best;
}

}  // namespace llmtool
