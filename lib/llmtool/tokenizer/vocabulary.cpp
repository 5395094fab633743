#include "llmtool/tokenizer/vocabulary.h"

#include <algorithm>
#include <utility>

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

}  // namespace llmtool
