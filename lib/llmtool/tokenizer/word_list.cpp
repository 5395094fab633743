#include "llmtool/tokenizer/word_list.h"

#include <string_view>

#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

std::string_view without_outer_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

}  // namespace

std::vector<std::string> read_word_list(const std::filesystem::path& path) {
  const auto rows = open_rows(path.string(), {.format = FileFormat::kText});
  std::vector<std::string> words;
  Row row;
  while (rows->next(row)) {
    const std::string_view word = without_outer_spaces(row.cell(0));
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.empty()) throw DataError({path.string(), 0, 0}, "there are no words in it; expected one a line");
  return words;
}

}  // namespace llmtool
