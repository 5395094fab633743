#include "llmtool/config/config_errors.h"

#include <algorithm>
#include <tuple>

namespace llmtool {

SourcePosition FieldPositions::at(const std::string& path) const {
  std::string enclosing = path;
  while (true) {
    const auto found = positions_.find(enclosing);
    if (found != positions_.end()) return found->second;
    if (enclosing.empty()) return {};
    const std::size_t end = enclosing.find_last_of(".[");
    enclosing.resize(end == std::string::npos ? 0 : end);
  }
}

std::string FieldPositions::origin(const std::string& path) const {
  const auto found = positions_.find(path);
  return found == positions_.end() ? "default" : found->second.to_string();
}

std::string join_path(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

std::string item_path(const std::string& list, std::size_t index) { return list + "[" + std::to_string(index) + "]"; }

namespace {

// More lines than this help nobody; the rest is counted.
constexpr std::size_t kMostProblemsShown = 50;

bool is_override(const SourcePosition& position) { return position.file.starts_with("--set "); }

auto order(const SourcePosition& position) {
  return std::make_tuple(is_override(position), position.line, position.column);
}

bool is_at_or_below(const std::string& path, const std::string& ancestor) {
  if (ancestor.empty() || path == ancestor) return true;
  return path.starts_with(ancestor) && (path[ancestor.size()] == '.' || path[ancestor.size()] == '[');
}

}  // namespace

void ConfigErrors::add(const SourcePosition& position, const std::string& path, const std::string& message) {
  problems_.push_back({position, path, message});
}

bool ConfigErrors::contains(const std::string& path) const {
  return std::any_of(problems_.begin(), problems_.end(),
                     [&](const Problem& problem) { return is_at_or_below(problem.path, path); });
}

std::string ConfigErrors::Problem::to_string() const {
  const std::string where = position.to_string();
  // "--set training.epochs=x" names the field already.
  const bool named = path.empty() || where.starts_with("--set " + path + "=");
  std::string text = where;
  if (!named) text += (text.empty() ? "" : ": ") + path;
  return text + (text.empty() ? "" : ": ") + message;
}

void ConfigErrors::throw_if_any() const {
  if (problems_.empty()) return;
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& left, const Problem& right) {
    return order(left.position) < order(right.position);
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMostProblemsShown); ++i)
    text.append(i == 0 ? "" : "\n").append(sorted[i].to_string());
  if (sorted.size() > kMostProblemsShown)
    text += "\n… and " + std::to_string(sorted.size() - kMostProblemsShown) + " more problems";
  throw ConfigError(text);
}

}  // namespace llmtool
