#include "llmtool/models/labels.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "llmtool/core/json.h"
#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

// The id a key such as "12" names, when it is below `count`.
std::optional<std::size_t> label_id(const std::string& key, std::size_t count) {
  std::size_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  const bool whole = error == std::errc() && end == key.data() + key.size();
  return whole && id < count && std::to_string(id) == key ? std::optional(id) : std::nullopt;
}

void check_names(const std::vector<std::string>& labels, const std::string& file) {
  std::set<std::string> seen;
  for (const std::string& label : labels)
    if (!seen.insert(label).second) throw ModelError(file + ": 'id2label' names " + quote(label) + " twice");
}

// As transformers names them: of num_labels, else two.
std::vector<std::string> usual_labels(const Json& config, const std::string& file) {
  const std::int64_t count = ConfigReader(config, file).integer("num_labels", in_range<std::int64_t>(1, 1 << 20), 2);
  std::vector<std::string> labels;
  for (std::int64_t id = 0; id < count; ++id) labels.emplace_back("LABEL_").append(std::to_string(id));
  return labels;
}

}  // namespace

std::vector<std::string> read_labels(const Json& config, const std::string& file) {
  const auto found = config.find("id2label");
  if (found == config.end() || found->is_null()) return usual_labels(config, file);
  if (!found->is_object() || found->empty())
    throw ModelError(file + ": 'id2label' must be an object such as {\"0\": \"negative\", \"1\": \"positive\"}");
  std::vector<std::string> labels(found->size());
  for (const auto& [key, value] : found->items()) {
    const auto id = label_id(key, labels.size());
    if (!id)
      throw ModelError(file + ": 'id2label' has the key " + quote(key) + "; its keys must be \"0\" to \"" +
                       std::to_string(labels.size() - 1) + "\"");
    if (!value.is_string())
      throw ModelError(
          std::string(file).append(": the name of label ").append(key).append(" in 'id2label' is not a string"));
    labels[*id] = value.get<std::string>();
  }
  check_names(labels, file);
  return labels;
}

std::int64_t num_labels(const Json& config, const std::string& file) {
  return static_cast<std::int64_t>(read_labels(config, file).size());
}

void write_labels(Json& config, const std::vector<std::string>& labels) {
  std::map<std::string, std::size_t> ids;
  Json names = Json::object();
  for (std::size_t id = 0; id < labels.size(); ++id) {
    if (!ids.emplace(labels[id], id).second) throw std::invalid_argument("two labels are named " + quote(labels[id]));
    names[std::to_string(id)] = labels[id];
  }
  config["id2label"] = names;
  config["label2id"] = ids;
}

bool same_labels(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::set(left.begin(), left.end()) == std::set(right.begin(), right.end());
}

}  // namespace llmtool
