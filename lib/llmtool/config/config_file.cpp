#include "llmtool/config/config_file.h"

#include <algorithm>

#include "llmtool/config/json_config_reader.h"
#include "llmtool/config/yaml_reader.h"
#include "llmtool/core/atomic_file.h"

namespace llmtool {
namespace {

// A config is written by hand; more than this is a file given by mistake (weights, data).
constexpr std::uintmax_t kLargestConfig = std::uintmax_t{16} << 20;

// `{` alone could also start a YAML flow map; a quoted key after it is JSON.
bool starts_like_json(std::string_view text) {
  const auto skip_space = [&] { text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size())); };
  skip_space();
  if (!text.starts_with('{')) return false;
  text.remove_prefix(1);
  skip_space();
  return text.starts_with('"');
}

}  // namespace

ConfigNode read_config_file(const std::filesystem::path& path) {
  const std::string text = read_file(path, kLargestConfig + 1);
  if (text.size() > kLargestConfig)
    throw ConfigError(
        SourcePosition{path.string()},
        "too large for a config (over " + std::to_string(kLargestConfig >> 20) + " MiB); is it another file?");
  const std::string extension = path.extension().string();
  const bool is_yaml = extension == ".yaml" || extension == ".yml";
  if (extension == ".json" || (!is_yaml && starts_like_json(text))) return read_json_config(text, path.string());
  return read_yaml_config(text, path.string());
}

}  // namespace llmtool
