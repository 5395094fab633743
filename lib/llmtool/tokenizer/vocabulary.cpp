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

}  // namespace llmtool
