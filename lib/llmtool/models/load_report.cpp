#include "llmtool/models/load_report.h"

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// Enough to see the pattern; the JSON form has all of them.
constexpr std::size_t kMostShown = 20;
constexpr std::size_t kMostNamed = 3;  // in a line of the log

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return "[" + listed(shape, [](std::int64_t size) { return std::to_string(size); }) + "]";
}

std::string shown(const std::string& name) { return quote(name); }
std::string shown(const ShapeMismatch& mismatch) {
  return quote(mismatch.name) + " is " + shape_text(mismatch.found) + ", the config asks for " +
         shape_text(mismatch.expected);
}

template <class Item>
void append_list(std::string& text, const char* title, const std::vector<Item>& items) {
  if (items.empty()) return;
  text += "\n  " + std::string(title) + " (" + std::to_string(items.size()) + "):";
  for (std::size_t index = 0; index < items.size() && index < kMostShown; ++index)
    text += "\n    " + shown(items[index]);
  if (items.size() > kMostShown) text += "\n    and " + std::to_string(items.size() - kMostShown) + " more";
}

void append_count(std::string& text, std::size_t count, const char* what) {
  if (count > 0) text += ", " + std::to_string(count) + " " + what;
}

}  // namespace

std::string LoadReport::summary() const {
  std::string text = std::to_string(matched.size()) + " weights matched";
  append_count(text, missing.size(), "missing");
  append_count(text, unexpected.size(), "unexpected");
  append_count(text, misshaped.size(), "misshaped");
  append_count(text, created.size(), "created anew");
  append_count(text, unused.size(), "of other heads unused");
  append_count(text, static_cast<std::size_t>(num_converted), "converted to fp32");
  if (!ignored.empty()) text += ", passed over: " + listed(ignored, quote, kMostNamed);
  if (!removed_prefix.empty()) text += ", prefix " + quote(removed_prefix) + " taken off their names";
  if (head_reason.empty()) return text;
  return text + "; head " + (head_kept ? "kept: " : "new: ") + head_reason;
}

std::string LoadReport::problems() const {
  std::string text;
  append_list(text, "missing", missing);
  append_list(text, "unexpected", unexpected);
  append_list(text, "misshaped", misshaped);
  return text;
}

Json LoadReport::to_json() const {
  Json shapes = Json::array();
  for (const ShapeMismatch& mismatch : misshaped)
    shapes.push_back({{"name", mismatch.name}, {"expected", mismatch.expected}, {"found", mismatch.found}});
  Json report = {{"matched", matched.size()}, {"missing", missing},        {"unexpected", unexpected},
                 {"misshaped", shapes},       {"created", created},        {"unused", unused},
                 {"ignored", ignored},        {"converted", num_converted}};
  if (!removed_prefix.empty()) report["removed_prefix"] = removed_prefix;
  if (head_reason.empty()) return report;
  report["head"] = head_kept ? "kept" : "new";
  report["head_reason"] = head_reason;
  return report;
}

}  // namespace llmtool
