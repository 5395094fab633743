#include "llmtool/tokenizer/vocabulary.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

Vocabulary::Vocabulary(std::vector<Entry> entries) : entries_(std::move(entries)) {
  std::int32_t largest = -1;
  for (const Entry& entry : entries_) largest = std::max(largest, entry.id);
  entry_of_id_.assign(static_cast<std::size_t>(largest + 1), -1);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    entry_of_id_[static_cast<std::size_t>(entries_[i].id)] = static_cast<std::int32_t>(i);
}

std::optional<std::string_view> Vocabulary::token(std::int32_t id) const {
  if (id < 0 || id >= id_bound()) return std::nullopt;
  const std::int32_t entry = entry_of_id_[static_cast<std::size_t>(id)];
  if (entry < 0) return std::nullopt;
  return entries_[static_cast<std::size_t>(entry)].token;
}

std::optional<std::int32_t> Vocabulary::shared_id() const {
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entry_of_id_[static_cast<std::size_t>(entries_[i].id)] != static_cast<std::int32_t>(i)) return entries_[i].id;
  return std::nullopt;
}

void TokenLengths::add(std::string_view token, const ComponentReader& reader) {
  total_ += token.size();
  if (token.size() > Vocabulary::kLongestToken)
    reader.fail("the token " + quote(token) + " has more than " + std::to_string(Vocabulary::kLongestToken) +
                " bytes, the most a token may have");
  if (total_ > Vocabulary::kMostBytes)
    reader.fail("the tokens have more than " + std::to_string(Vocabulary::kMostBytes) +
                " bytes together, the most they may have");
}

Vocabulary read_vocabulary(ComponentReader& reader) {
  const Json& object = reader.value("vocab");
  if (!object.is_object()) reader.fail("'vocab' must be an object of tokens and their ids");
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(object.size());
  TokenLengths lengths;
  for (const auto& [token, id] : object.get_ref<const Json::object_t&>()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > Vocabulary::kLargestId)
      reader.fail("the id of " + quote(token) + " must be a whole number from 0 to " +
                  std::to_string(Vocabulary::kLargestId));
    lengths.add(token, reader);
    entries.push_back({token, id.get<std::int32_t>()});
  }
  return Vocabulary(std::move(entries));
}

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
