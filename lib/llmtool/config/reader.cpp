#include "llmtool/config/reader.h"

#include <algorithm>

#include "llmtool/config/field_types.h"
#include "llmtool/core/text.h"

namespace llmtool::detail {

void CheckErrors::add(const std::string& field, const std::string& message) {
  const std::string path = field.empty() ? prefix_ : join_path(prefix_, field);
  errors_.add(positions_.at(path), path, message);
}

}  // namespace llmtool::detail

namespace llmtool::detail {
namespace {

constexpr std::size_t kMostUnknownKeys = 20;
// Sections with more keys than this are not listed in an error.
constexpr std::size_t kMostKeysListed = 12;

// Calls `parse` with the plain scalar's text; anything else than a plain scalar is an error.
template <class T, class Parse>
void read_plain(ReadState& state, const ValueSource& source, const std::string& what, T& value, const Parse& parse) {
  const ConfigNode& node = source.node;
  if (!node.is_scalar()) return state.expected(source, what);
  if (node.quoted) {
    try {
      parse(node.text);
    } catch (const ValueError&) {
      return state.expected(source, what);
    }
    return state.errors.add(node.position, source.path,
                            "expected " + what + ", got " + node.describe() + "; remove the quotes");
  }
  try {
    value = parse(node.text);
  } catch (const ValueError& error) {
    state.errors.add(node.position, source.path, error.what());
  }
}

template <class T>
void check_limits(ReadState& state, const ValueSource& source, T value) {
  if (source.rules.allows(value)) return;
  state.errors.add(source.node.position, source.path, "must be " + source.rules.limits() + ", got " + source.node.text);
}

std::string last_segment(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// Paths of known fields whose last segment is `name`.
std::vector<std::string> paths_ending_in(const std::string& name, const std::vector<FieldDescription>& fields) {
  std::vector<std::string> paths;
  for (const FieldDescription& field : fields)
    if (last_segment(field.path) == name) paths.push_back(field.path);
  return paths;
}

std::string nearest_elsewhere(const std::string& name, const std::vector<FieldDescription>& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const FieldDescription& field : fields) names.push_back(last_segment(field.path));
  const std::string nearest = nearest_name(name, names);
  return nearest.empty() ? "" : paths_ending_in(nearest, fields).front();
}

bool is_known_path(const std::string& path, const std::vector<FieldDescription>& fields) {
  return std::any_of(fields.begin(), fields.end(), [&](const FieldDescription& field) { return field.path == path; });
}

// What the author of an unknown key probably wanted.
std::string suggest(const ReadState& state, const std::string& key, const std::string& section,
                    const std::vector<std::string>& known_keys) {
  if (key.find('.') != std::string::npos && is_known_path(join_path(section, key), state.known_fields))
    return "; write a section with its keys below it: only --set takes paths with dots";
  const std::vector<std::string> same_elsewhere = paths_ending_in(key, state.known_fields);
  if (!same_elsewhere.empty()) return "; it belongs elsewhere: " + join_alternatives(same_elsewhere);
  const std::string nearest = nearest_name(key, known_keys);
  if (!nearest.empty()) return "; did you mean " + quote(nearest) + "?";
  const std::string elsewhere = nearest_elsewhere(key, state.known_fields);
  if (!elsewhere.empty()) return "; did you mean " + quote(elsewhere) + "?";
  if (known_keys.size() <= kMostKeysListed) return "; known here: " + listed(known_keys);
  return "";
}

}  // namespace

void ReadState::expected(const ValueSource& source, const std::string& what) {
  errors.add(source.node.position, source.path, "expected " + what + ", got " + source.node.describe());
}

void read_bool(ReadState& state, const ValueSource& source, bool& value) {
  read_plain(state, source, "true or false", value, parse_bool);
}

void read_integer(ReadState& state, const ValueSource& source, std::int64_t& value) {
  std::optional<std::int64_t> parsed;
  read_plain(state, source, "an integer", parsed, parse_integer);
  if (!parsed) return;
  check_limits(state, source, *parsed);
  value = *parsed;
}

void read_number(ReadState& state, const ValueSource& source, double& value) {
  std::optional<double> parsed;
  read_plain(state, source, "a number", parsed, parse_number);
  if (!parsed) return;
  check_limits(state, source, *parsed);
  value = *parsed;
}

void read_text(ReadState& state, const ValueSource& source, std::string& value) {
  if (!source.node.is_scalar()) return state.expected(source, "text");
  try {
    value = source.rules.path_text ? expand_path(source.node.text, state.environment) : source.node.text;
  } catch (const ValueError& error) {
    state.errors.add(source.node.position, source.path, error.what());
  }
}

std::optional<std::size_t> read_name(ReadState& state, const ValueSource& source,
                                     const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), source.node.text);
  if (source.node.is_scalar() && found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string message = "expected " + join_alternatives(names) + ", got " + source.node.describe();
  const std::string nearest = source.node.is_scalar() ? nearest_name(source.node.text, names) : "";
  if (!nearest.empty() && names.size() > 1) message += "; did you mean " + quote(nearest) + "?";
  state.errors.add(source.node.position, source.path, message);
  return std::nullopt;
}

std::optional<Json> read_json(ReadState& state, const ValueSource& source) {
  try {
    Json json = node_to_json(source.node);
    if (source.rules.path_text && json.is_string()) json = expand_path(json.get<std::string>(), state.environment);
    return json;
  } catch (const ScalarError& error) {
    state.errors.add(error.position(), source.path, error.what());
  } catch (const ValueError& error) {
    state.errors.add(source.node.position, source.path, error.what());
  }
  return std::nullopt;
}

void report_unknown_keys(ReadState& state, const ConfigNode& section, const std::string& path,
                         const std::vector<std::string>& known_keys) {
  std::size_t num_unknown = 0;
  for (const ConfigNode& child : section.children) {
    if (std::find(known_keys.begin(), known_keys.end(), child.key) != known_keys.end()) continue;
    // So many mean another kind of file.
    if (++num_unknown > kMostUnknownKeys) return;
    state.errors.add(child.key_position, "",
                     "unknown key " + quote(join_path(path, child.key)) + suggest(state, child.key, path, known_keys));
  }
}

void report_missing(ReadState& state, const ConfigNode& section, const std::string& path, const char* help) {
  SourcePosition position = section.key_position;
  if (position.file.empty()) position.file = section.position.file;
  state.errors.add(position, path, std::string("this key is required: ") + help);
}

}  // namespace llmtool::detail
