#pragma once

#include <set>
#include <string>
#include <vector>

#include "llmtool/config/config_errors.h"
#include "llmtool/config/describe.h"
#include "llmtool/config/field_types.h"
#include "llmtool/config/node.h"

namespace llmtool {

namespace detail {

// Gives what a struct's check() says its full path and position.
class CheckErrors : public FieldErrors {
 public:
  CheckErrors(std::string prefix, const FieldPositions& positions, ConfigErrors& errors)
      : prefix_(std::move(prefix)), positions_(positions), errors_(errors) {}
  void add(const std::string& field, const std::string& message) override;

 private:
  std::string prefix_;
  const FieldPositions& positions_;
  ConfigErrors& errors_;
};

template <class T>
void check_value(const T& value, const std::string& path, const FieldPositions& positions, ConfigErrors& errors);

struct CheckVisitor {
  const std::string& prefix;
  const FieldPositions& positions;
  ConfigErrors& errors;

  template <class T, class... Rules>
  void operator()(const char* name, const T& value, const char* /*help*/, const Rules&...) {
    check_value(value, join_path(prefix, name), positions, errors);
  }
};

template <class T>
void check_value(const T& value, const std::string& path, const FieldPositions& positions, ConfigErrors& errors) {
  if constexpr (OptionalField<T>) {
    if (value) check_value(*value, path, positions, errors);
  } else if constexpr (VectorField<T>) {
    std::size_t index = 0;
    for (const auto& item : value) check_value(item, item_path(path, index++), positions, errors);
  } else if constexpr (MapField<T>) {
    for (const auto& [name, item] : value) check_value(item, join_path(path, name), positions, errors);
  } else if constexpr (HasFields<T>) {
    CheckVisitor visitor{path, positions, errors};
    T::visit_fields(value, visitor);
    if constexpr (HasCheck<T>) {
      // Rules between fields mean nothing while one of the fields is wrong.
      if (errors.contains(path)) return;
      CheckErrors adapter(path, positions, errors);
      value.check(adapter);
    }
  }
}

}  // namespace detail

// Options read from a config, with the place each value came from.
template <class T>
struct LoadedOptions {
  T options;
  FieldPositions positions;
};

namespace detail {

// One value being read: where it stands in the tree and what it is called.
struct ValueSource {
  const ConfigNode& node;
  const std::string& path;
  const FieldRules& rules;
};

// What all reads of one config share.
struct ReadState {
  const Environment& environment;
  const std::vector<FieldDescription>& known_fields;
  FieldPositions positions;
  ConfigErrors errors;

  void expected(const ValueSource& source, const std::string& what);
};

void read_bool(ReadState& state, const ValueSource& source, bool& value);
void read_integer(ReadState& state, const ValueSource& source, std::int64_t& value);
void read_number(ReadState& state, const ValueSource& source, double& value);
void read_text(ReadState& state, const ValueSource& source, std::string& value);
// Index of the scalar in `names`, or nothing after reporting an error.
std::optional<std::size_t> read_name(ReadState& state, const ValueSource& source,
                                     const std::vector<std::string>& names);
// The node as JSON with its path expanded, or nothing after reporting an error.
std::optional<Json> read_json(ReadState& state, const ValueSource& source);

void report_unknown_keys(ReadState& state, const ConfigNode& section, const std::string& path,
                         const std::vector<std::string>& known_keys);
void report_missing(ReadState& state, const ConfigNode& section, const std::string& path, const char* help);

template <class T>
void read_value(ReadState& state, const ValueSource& source, T& value);

struct SectionReader {
  ReadState& state;
  const ConfigNode& section;
  const std::string& path;
  std::vector<std::string> known_keys;

  template <class T, class... Rules>
  void operator()(const char* name, T& value, const char* help, const Rules&... rules) {
    known_keys.emplace_back(name);
    const FieldRules gathered = gather_rules(rules...);
    const std::string member_path = join_path(path, name);
    if (const ConfigNode* node = section.find(name)) {
      state.positions.set(member_path, node->is_map() ? node->key_position : node->position);
      read_value(state, {*node, member_path, gathered}, value);
    } else if (gathered.required) {
      report_missing(state, section, member_path, help);
    } else if constexpr (HasFields<T>) {
      // Also an absent section may have members that must be given.
      ConfigNode absent;
      absent.key_position = section.key_position;
      absent.position.file = section.position.file;
      read_value(state, {absent, member_path, gathered}, value);
    }
  }
};

template <class T>
void read_section(ReadState& state, const ValueSource& source, T& value) {
  // A section whose members are all commented out reads as null.
  if (!source.node.is_map() && !source.node.is_null()) return state.expected(source, "a section");
  SectionReader reader{state, source.node, source.path, {}};
  T::visit_fields(value, reader);
  report_unknown_keys(state, source.node, source.path, reader.known_keys);
}

template <class T>
void read_list(ReadState& state, const ValueSource& source, std::vector<T>& list) {
  const bool single = source.rules.scalar_or_list && source.node.is_scalar();
  if (!source.node.is_list() && !single) return state.expected(source, type_name<std::vector<T>>());
  list.clear();
  if (single) {
    list.emplace_back();
    return read_value(state, source, list.back());
  }
  for (const ConfigNode& item : source.node.children) {
    const std::string path = item_path(source.path, list.size());
    state.positions.set(path, item.position);
    T value = T();
    read_value(state, {item, path, source.rules}, value);
    list.push_back(std::move(value));
  }
}

template <class T>
void read_map(ReadState& state, const ValueSource& source, std::map<std::string, T>& map) {
  if (!source.node.is_map()) return state.expected(source, type_name<std::map<std::string, T>>());
  map.clear();
  for (const ConfigNode& item : source.node.children) {
    const std::string path = join_path(source.path, item.key);
    state.positions.set(path, item.position);
    read_value(state, {item, path, source.rules}, map[item.key]);
  }
}

template <JsonValued T>
void read_union(ReadState& state, const ValueSource& source, T& value) {
  const std::optional<Json> json = read_json(state, source);
  if (!json) return;
  try {
    value = T::from_json(*json);
  } catch (const ValueError& error) {
    state.errors.add(source.node.position, source.path, error.what());
  }
}

template <class T>
void read_value(ReadState& state, const ValueSource& source, T& value) {
  if constexpr (std::same_as<T, bool>) {
    read_bool(state, source, value);
  } else if constexpr (std::same_as<T, std::int64_t>) {
    read_integer(state, source, value);
  } else if constexpr (std::same_as<T, double>) {
    read_number(state, source, value);
  } else if constexpr (std::same_as<T, std::string>) {
    read_text(state, source, value);
  } else if constexpr (NamedEnum<T>) {
    if (const auto index = read_name(state, source, names_of<T>())) value = EnumNames<T>::kNames[*index].first;
  } else if constexpr (OptionalField<T>) {
    if (source.node.is_null()) return value.reset();
    read_value(state, source, value.emplace());
  } else if constexpr (VectorField<T>) {
    read_list(state, source, value);
  } else if constexpr (MapField<T>) {
    read_map(state, source, value);
  } else if constexpr (HasFields<T>) {
    read_section(state, source, value);
  } else {
    read_union(state, source, value);
  }
}

}  // namespace detail

// Fills T from a config tree and runs its check()s. Throws one ConfigError that lists everything wrong, one line each:
// unknown keys (with the nearest known key, also of another section), wrong types, values out of their limits, missing
// required keys, broken rules between fields. Text fields take any plain scalar as it was written (label: 010).
template <HasFields T>
LoadedOptions<T> read_options(const ConfigNode& root, const Environment& environment = {}) {
  const std::vector<FieldDescription> known_fields = describe_fields<T>();
  detail::ReadState state{environment, known_fields, {}, {}};
  LoadedOptions<T> loaded;
  const FieldRules no_rules;
  const std::string top;
  state.positions.set(top, {root.position.file});
  detail::read_value(state, {root, top, no_rules}, loaded.options);
  detail::check_value(loaded.options, top, state.positions, state.errors);
  state.errors.throw_if_any();
  loaded.positions = std::move(state.positions);
  return loaded;
}

}  // namespace llmtool
