#pragma once

#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Reads one component of a tokenizer.json and accounts for every key: what nobody asked for is refused by finish(), so
// that nothing written in the file is silently ignored. All members throw ModelError naming file, component and key.
class ComponentReader {
 public:
  // `where` names the component in messages, such as "normalizer" or "normalizer.normalizers[1]".
  ComponentReader(const Json& object, std::string file, std::string where);

  const std::string& where() const { return where_; }
  bool has(std::string_view key) const;

  // Required, of exactly that kind.
  const Json& value(std::string_view key);
  bool boolean(std::string_view key);
  std::string string(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  // A required object or array element as a component of its own.
  std::vector<ComponentReader> list(std::string_view key);
  ComponentReader child(const Json& object, const std::string& name) const;

  // Marks `key` as understood without using it.
  void ignore(std::string_view key) { used_.emplace(key); }
  // Throws when a key that nobody asked for holds anything but null.
  void finish() const;

  [[noreturn]] void fail(const std::string& message) const;
  // For a "type" this version does not know.
  [[noreturn]] void unsupported(const std::string& type, const std::vector<std::string>& known) const;

 private:
  const Json& object_;
  std::string file_;
  std::string where_;
  std::set<std::string, std::less<>> used_;
};

// The type names of a table of components, in its order.
template <class Table>
std::vector<std::string> component_types(const Table& rows) {
  std::vector<std::string> types;
  types.reserve(std::size(rows));
  for (const auto& row : rows) types.emplace_back(row.type);
  return types;
}

// One character under `key`; throws ModelError.
char32_t read_character(ComponentReader& reader, std::string_view key);

// `text` with every `pattern` (not empty) replaced, from the left.
std::string replace_all(const std::string& text, std::string_view pattern, std::string_view replacement);

}  // namespace llmtool
