#include "llmtool/config/environment.h"

#include "llmtool/core/errors.h"
#include "llmtool/core/fields.h"

namespace llmtool {
namespace {

std::string look_up(const std::string& name, const std::string& text, const Environment& environment) {
  const std::optional<std::string> value = environment ? environment(name) : std::nullopt;
  if (!value)
    throw ValueError("the environment variable " + quote(name) + " in " + quote(text) +
                     " is not set; set it, or write $$ for a literal $");
  return *value;
}

// Length of the leading `~` that stands for the home folder, 0 or 1.
std::size_t home_prefix(const std::string& text) {
  if (!text.starts_with('~')) return 0;
  if (text.size() > 1 && text[1] != '/')
    throw ValueError("home folders of other users are not supported in " + quote(text) +
                     "; write the whole path, or ./~… for a file whose name starts with ~");
  return 1;
}

}  // namespace

std::string expand_path(const std::string& text, const Environment& environment) {
  std::size_t position = home_prefix(text);
  std::string expanded = position > 0 ? look_up("HOME", text, environment) : "";
  while (position < text.size()) {
    const std::size_t dollar = text.find('$', position);
    expanded += text.substr(position, dollar - position);
    if (dollar == std::string::npos) break;
    if (text.compare(dollar, 2, "$$") == 0) {
      expanded += '$';
      position = dollar + 2;
      continue;
    }
    if (text.compare(dollar, 2, "${") != 0)
      throw ValueError("a single $ in " + quote(text) + "; write ${NAME} for a variable or $$ for a literal $");
    const std::size_t close = text.find('}', dollar);
    if (close == std::string::npos) throw ValueError("'${' without '}' in " + quote(text));
    expanded += look_up(text.substr(dollar + 2, close - dollar - 2), text, environment);
    position = close + 1;
  }
  return expanded;
}

std::string escape_path(const std::string& path) {
  std::string text = path.starts_with('~') ? "./" : "";
  for (const char character : path) text += character == '$' ? "$$" : std::string(1, character);
  return text;
}

}  // namespace llmtool
