#pragma once

// Options of the command line, made from the field lists of the structs that they fill (core/fields.h). The library
// that parses is known to options.cpp and command_line.cpp alone.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/config/field_types.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// How one value stands on the command line. read_option() is false for a text that is no such value.
bool read_option(const std::string& text, std::int64_t& value);
bool read_option(const std::string& text, double& value);
inline bool read_option(const std::string& text, std::string& value) {
  value = text;
  return true;
}
inline bool read_option(const std::string& text, std::filesystem::path& value) {
  value = text;
  return true;
}
template <NamedEnum E>
bool read_option(const std::string& text, E& value) {
  const std::optional<E> found = enum_from_name<E>(text);
  if (found) value = *found;
  return found.has_value();
}
template <class T>
bool read_option(const std::string& text, std::optional<T>& value) {
  return read_option(text, value.emplace());
}
template <class T>
bool read_option(const std::string& text, std::vector<T>& values) {
  return read_option(text, values.emplace_back());
}

inline std::string default_text(std::int64_t value) { return std::to_string(value); }
inline std::string default_text(const std::string& value) { return value; }
inline std::string default_text(const std::filesystem::path& value) { return value.string(); }
template <NamedEnum E>
std::string default_text(E value) {
  return std::string(enum_name(value));
}

// A field as the parser sees it.
struct OptionRow {
  const char* name;
  const char* help;
  FieldRules rules;
  bool is_flag = false;
  bool is_list = false;
  std::string default_text = {};          // "": none is shown
  std::vector<std::string> choices = {};  // empty: any text
  // Keeps what was given; false when a text is no such value.
  std::function<bool(const std::vector<std::string>&)> keep = {};
};

// The options of one verb, or of one action of a verb.
class CommandOptions {
 public:
  explicit CommandOptions(CLI::App& app) : app_(&app) {}

  // An option for each field, in their order. Keeps references into `fields`.
  template <HasFields T>
  void add(T& fields) {
    T::visit_fields(fields, *this);
  }

  // An action, one of which must be chosen: `llmtool config show`.
  CommandOptions add_action(const char* name, const char* summary, const char* example);
  bool is_chosen() const;

  // The visitor of field lists.
  template <class T, class... Rules>
  void operator()(const char* name, T& member, const char* help, const Rules&... rules) {
    OptionRow row{.name = name, .help = help, .rules = gather_rules(rules...)};
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::optional<bool>>) {
      row.is_flag = true;
      row.keep = [&member, value = !row.rules.option.sets_false](const auto&) {
        member = value;
        return true;
      };
    } else {
      describe(member, row);
      row.keep = [&member](const std::vector<std::string>& texts) {
        member = T();
        for (const std::string& text : texts)
          if (!read_option(text, member)) return false;
        return true;
      };
    }
    add(row);
  }

 private:
  // What is unset, or a list, has no default to show.
  template <class T>
  static void describe(const T& member, OptionRow& row) {
    if constexpr (OptionalField<T>) {
      add_choices<typename T::value_type>(row);
    } else if constexpr (VectorField<T>) {
      row.is_list = true;
      add_choices<typename T::value_type>(row);
    } else {
      if (!row.rules.required && !row.rules.option.hides_default) row.default_text = default_text(member);
      add_choices<T>(row);
    }
  }

  template <class T>
  static void add_choices(OptionRow& row) {
    if constexpr (NamedEnum<T>) {
      row.choices = names_of<T>();
      if (row.rules.option.refused != nullptr) std::erase(row.choices, row.rules.option.refused);
    }
  }

  void add(const OptionRow& row);

  CLI::App* app_;
};

}  // namespace llmtool::app
