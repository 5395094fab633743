#pragma once

#include <iterator>
#include <string>
#include <vector>

namespace llmtool {

// The type names of a table of components, in its order.
template <class Table>
std::vector<std::string> component_types(const Table& rows) {
  std::vector<std::string> types;
  types.reserve(std::size(rows));
  for (const auto& row : rows) types.emplace_back(row.type);
  return types;
}

}  // namespace llmtool
