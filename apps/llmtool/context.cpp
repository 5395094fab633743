#include "context.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool::app {

void print(const std::string& result) {
  static const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  const std::string text = is_terminal ? printable(result) : result;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return;
  const std::string message = std::string("cannot write to standard output: ") + std::strerror(errno);
  if (errno == EPIPE) throw BrokenPipeError(message);
  throw ResourceError(message);
}

void print_json(const Json& value) { print(to_json_text(value) + "\n"); }

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace llmtool::app
