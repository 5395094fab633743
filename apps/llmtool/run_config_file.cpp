#include "run_config_file.h"

#include "context.h"
#include "llmtool/config/config_file.h"
#include "llmtool/config/overrides.h"

namespace llmtool::app {

LoadedOptions<RunConfig> read_run_config(const std::string& path, const std::vector<std::string>& overrides) {
  ConfigNode root = read_config_file(path);
  apply_overrides(root, overrides);
  LoadedOptions<RunConfig> loaded = read_options<RunConfig>(root, environment);
  resolve_output_directory(loaded.options, path, loaded.positions);
  return loaded;
}

}  // namespace llmtool::app
