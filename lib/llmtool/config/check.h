#pragma once

#include <string>

#include "llmtool/config/config_errors.h"
#include "llmtool/config/field_types.h"

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

}  // namespace llmtool
