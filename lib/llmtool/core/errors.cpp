#include "llmtool/core/errors.h"

#include <algorithm>
#include <numeric>

#include "llmtool/core/text.h"

namespace llmtool {
namespace {

constexpr std::size_t kLongestQuotedName = 80;

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t substituted = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string SourcePosition::to_string() const {
  std::string text;
  for (std::size_t position = 0; position < file.size();) append_visibly(file, position, text);
  if (line > 0) text += (text.empty() ? "line " : ":") + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text;
}

std::string quote(std::string_view name) {
  std::string text = "'";
  std::size_t position = 0;
  for (std::size_t shown = 0; position < name.size(); ++shown) {
    if (shown == kLongestQuotedName) return text + "…'";
    append_visibly(name, position, text);
  }
  return text + "'";
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  std::string nearest;
  // In a name of three letters two changes leave nothing in common (fp8, bf16).
  std::size_t smallest = (name.size() <= 3 ? 1 : std::max<std::size_t>(2, name.size() / 3)) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < smallest && distance < std::max(name.size(), candidate.size())) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace llmtool
