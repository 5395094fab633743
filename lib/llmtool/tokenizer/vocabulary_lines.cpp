#include "llmtool/tokenizer/vocabulary_lines.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llmtool/core/model_file.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/trailing_whitespace.h"

namespace llmtool {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

void require_text(std::string_view text, const std::string& file) {
  if (const auto invalid = find_invalid_utf8(text))
    throw ModelError(
        {file, 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*invalid), '\n'), 0},
        "the bytes here are not UTF-8 (byte offset " + std::to_string(*invalid) + ")");
  // The library would take it for a part of the first token, which is the padding of most vocabularies.
  if (text.starts_with(kByteOrderMark))
    throw ModelError({file, 1, 1}, "the vocabulary begins with a byte order mark; save the file without one");
}

std::vector<std::string_view> lines_of(std::string_view text, const std::string& file) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    lines.push_back(line.substr(0, begin_of_trailing_whitespace(line)));
    begin = end + 1;
    if (lines.size() > static_cast<std::size_t>(Vocabulary::kLargestId))
      throw ModelError({file, 0, 0},
                       "has more than " + std::to_string(Vocabulary::kLargestId) + " lines, too many for a vocabulary");
  }
  if (lines.empty()) throw ModelError({file, 0, 0}, "the vocabulary is empty");
  return lines;
}

}  // namespace

Json read_vocabulary_lines(const std::filesystem::path& path) {
  const std::string text = read_model_file(path);
  require_text(text, path.string());
  const std::vector<std::string_view> lines = lines_of(text, path.string());
  std::unordered_map<std::string_view, std::size_t> line_of_token;
  for (std::size_t i = 0; i < lines.size(); ++i) line_of_token[lines[i]] = i;
  Json vocabulary = Json::object();
  auto& rows = vocabulary.get_ref<Json::object_t&>();
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (line_of_token[lines[i]] == i) rows.emplace_back(std::string(lines[i]), i);
  return vocabulary;
}

std::optional<std::string> vocabulary_lines(const Vocabulary& vocabulary) {
  if (vocabulary.size() != vocabulary.id_bound()) return std::nullopt;
  std::string lines;
  for (std::int32_t id = 0; id < vocabulary.id_bound(); ++id) {
    const auto token = vocabulary.token(id);
    if (!token || token->find('\n') != std::string_view::npos || begin_of_trailing_whitespace(*token) != token->size())
      return std::nullopt;
    lines += std::string(*token) + "\n";
  }
  // The mark would be refused.
  if (lines.starts_with(kByteOrderMark)) return std::nullopt;
  return lines;
}

}  // namespace llmtool
