#include "llmtool/models/model_directory.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigName = "config.json";

// "owner/name" or "name" of a hub, rather than a path that was mistyped.
bool looks_like_hub_name(const std::string& text) {
  const auto slashes = std::count(text.begin(), text.end(), '/');
  return !text.empty() && slashes <= 1 && text.front() != '.' && text.front() != '/' && text.back() != '/';
}

// Folders "checkpoint-<step>" with a config.json: what a run keeps until it has finished, by step.
std::map<std::int64_t, fs::path> stored_checkpoints(const fs::path& directory) {
  constexpr std::string_view kPrefix = "checkpoint-";
  std::map<std::int64_t, fs::path> checkpoints;
  for (const std::string& name : names_in_folder(directory)) {
    std::int64_t step = 0;
    const char* last = name.data() + name.size();
    const bool is_named_so = name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
                             std::from_chars(name.data() + kPrefix.size(), last, step).ptr == last;
    if (is_named_so && path_exists(directory / name / kConfigName)) checkpoints[step] = directory / name;
  }
  return checkpoints;
}

// The verb that continues the run whose record lies in the folder.
std::string training_verb(const fs::path& record) {
  const Json content = read_json_file(record.string(), ExitCode::kModel);
  const Json::json_pointer place("/config/task");
  const std::string task =
      content.contains(place) && content[place].is_string() ? content[place].get<std::string>() : "";
  return task.ends_with("_lm") ? "pretrain" : "finetune";
}

[[noreturn]] void fail_without_config(const fs::path& directory) {
  const std::string folder = "the model folder " + quote(directory.string());
  const auto checkpoints = stored_checkpoints(directory);
  const std::string newest = checkpoints.empty() ? "" : quote(checkpoints.rbegin()->second.string());
  if (const fs::path record = directory / "llmtool.lock.json"; path_exists(record))
    throw ModelError(quote(directory.string()) + " is a run that has not finished; " +
                     (newest.empty() ? "it has no checkpoint yet" : "its newest checkpoint is the model " + newest) +
                     "; to continue it, give the command it was started with again: llmtool " + training_verb(record) +
                     " CONFIG");
  if (!newest.empty())
    throw ModelError(folder + " has no config.json, but checkpoints of a training; the newest is the model " + newest);
  throw ModelError(folder + " has no config.json; copy the one that belongs to the weights");
}

// Weights that only change those of another model.
void refuse_adapter(const fs::path& directory) {
  const fs::path file = directory / "adapter_config.json";
  if (!path_exists(file)) return;
  const Json config = read_json_file(file.string(), ExitCode::kModel);
  const bool has_base =
      config.is_object() && config.contains("base_model_name_or_path") && config["base_model_name_or_path"].is_string();
  throw ModelError(quote(directory.string()) + " is an adapter of PEFT (adapter_config.json)" +
                   (has_base ? " for the model " + quote(config["base_model_name_or_path"].get<std::string>()) : "") +
                   ", which is not supported; merge it into that model first "
                   "(model.merge_and_unload().save_pretrained(DIR) in Python) and name that folder");
}

}  // namespace

void require_model_directory(const fs::path& path) {
  if (is_folder(path)) {
    refuse_adapter(path);
    // The modules of sentence-transformers may lie in folders of their own.
    if (!path_exists(path / kConfigName) && !path_exists(path / "modules.json")) fail_without_config(path);
    return;
  }
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

std::string model_config_path(const fs::path& directory) { return (directory / kConfigName).string(); }

Json read_model_config(const fs::path& directory) {
  require_model_directory(directory);
  const std::string file = model_config_path(directory);
  if (!path_exists(file)) fail_without_config(directory);
  Json config = read_json_file(file, ExitCode::kModel);
  if (!config.is_object()) throw ModelError(file + ": a model config must be a JSON object");
  return config;
}

}  // namespace llmtool
