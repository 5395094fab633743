#include "figures.h"

#include <array>
#include <cstdio>

#include "llmtool/core/utf8.h"

namespace llmtool::app {
namespace {

constexpr std::size_t kNameWidth = 36;

std::string number_text(const Json& value) {
  if (value.is_null()) return "-";
  if (!value.is_number_float()) return value.dump();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value.get<double>());
  return text.data();
}

}  // namespace

std::string figure_line(const std::string& name, const Json& value) {
  const std::size_t width = count_code_points(name);
  const std::string gap(width < kNameWidth ? kNameWidth - width : 1, ' ');
  return name + gap + number_text(value) + "\n";
}

}  // namespace llmtool::app
