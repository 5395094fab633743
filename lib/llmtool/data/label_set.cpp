#include "llmtool/data/label_set.h"

#include <algorithm>
#include <charconv>

#include "llmtool/core/errors.h"

namespace llmtool {

LabelSet::LabelSet(std::vector<std::string> names) : names_(std::move(names)) {
  for (std::size_t id = 0; id < names_.size(); ++id) {
    if (names_[id].empty()) throw DataError("the name of label " + std::to_string(id) + " is empty");
    if (!ids_.emplace(names_[id], static_cast<std::int64_t>(id)).second)
      throw DataError("the label " + quote(names_[id]) + " is listed twice");
  }
}

std::optional<std::int64_t> LabelSet::find(std::string_view name) const {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> integer_label(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (std::to_string(value) != text) return std::nullopt;  // "007" and "-0" are names
  return value;
}

LabelSet ordered_labels(std::vector<std::string> distinct_names) {
  const bool integers = std::all_of(distinct_names.begin(), distinct_names.end(),
                                    [](const std::string& name) { return integer_label(name).has_value(); });
  // Bytes of UTF-8 compare as code points do.
  if (integers)
    std::sort(distinct_names.begin(), distinct_names.end(), [](const std::string& left, const std::string& right) {
      return *integer_label(left) < *integer_label(right);
    });
  else
    std::sort(distinct_names.begin(), distinct_names.end());
  return LabelSet(std::move(distinct_names));
}

}  // namespace llmtool
