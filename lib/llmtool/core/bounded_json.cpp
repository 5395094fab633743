#include "llmtool/core/bounded_json.h"

#include <algorithm>

#include "llmtool/core/mapped_file.h"

namespace llmtool {

Json read_json_file(const std::string& path, ExitCode exit_code, const JsonLimits& limits) {
  const MappedFile file(path);
  std::string_view text = file.bytes();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  require_json_limits(text, path, exit_code, limits);
  return parse_json(text, path, exit_code);
}

void require_json_limits(std::string_view text, const std::string& file, ExitCode exit_code, const JsonLimits& limits) {
  if (text.size() > limits.num_bytes)
    throw Error(exit_code, file + ": it has " + std::to_string(text.size()) + " bytes; " +
                               std::to_string(limits.num_bytes) + " are the most that are read");
  // Before every value stands one of these, within texts also where none follows.
  const auto num_values = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == ',' || c == '[' || c == '{'; }));
  if (num_values > limits.num_values)
    throw Error(exit_code,
                file + ": it has more than " + std::to_string(limits.num_values) + " values, the most that are read");
}

}  // namespace llmtool
