#include "llmtool/models/model_directory.h"

#include <algorithm>

#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// "owner/name" or "name" of a hub, rather than a path that was mistyped.
bool looks_like_hub_name(const std::string& text) {
  const auto slashes = std::count(text.begin(), text.end(), '/');
  return !text.empty() && slashes <= 1 && text.front() != '.' && text.front() != '/' && text.back() != '/';
}

}  // namespace

void require_model_directory(const fs::path& path) {
  if (is_folder(path)) return;
  const std::string name = path.string();
  if (path_exists(path))
    throw ModelError(quote(name) + " is a file; a model is a folder with config.json, weights and tokenizer");
  std::string message = "there is no model folder " + quote(name);
  if (looks_like_hub_name(name))
    message +=
        "; if this is the name of a model on a hub: nothing is downloaded here. Copy its config.json, "
        "model.safetensors and tokenizer.json (or vocab.txt) into a folder and give that folder; on a machine "
        "with network access, `hf download " +
        name + " --local-dir DIR` makes one";
  throw ModelError(message);
}

std::string model_config_path(const fs::path& directory) { return (directory / "config.json").string(); }

Json read_model_config(const fs::path& directory) {
  require_model_directory(directory);
  const std::string file = model_config_path(directory);
  if (!path_exists(file))
    throw ModelError("the model folder " + quote(directory.string()) +
                     " has no config.json; copy the one that belongs to the weights");
  Json config = read_json_file(file, ExitCode::kModel);
  if (!config.is_object()) throw ModelError(file + ": a model config must be a JSON object");
  return config;
}

}  // namespace llmtool
