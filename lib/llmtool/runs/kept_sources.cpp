#include "llmtool/runs/kept_sources.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/corpus.h"
#include "llmtool/runs/run_directory.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

std::string told(const NamedPath& path) { return path.name + " " + quote(path.path.string()); }

[[noreturn]] void refuse_path(const NamedPath& path, const std::string& problem) {
  throw ConfigError(told(path) + " " + problem + "; choose another path");
}

// Language models take patterns for several files.
void add_data(std::vector<NamedPath>& paths, const RunConfig& config, const char* name, const std::string& file) {
  const std::vector<std::string> files =
      task_row(config.task).most_texts == 0 ? expand_file_patterns({file}) : std::vector<std::string>{file};
  for (const std::string& path : files) paths.push_back({name, path});
}

std::vector<NamedPath> model_folders(const RunConfig& config) {
  std::vector<NamedPath> folders;
  if (!config.model.from.empty()) folders.push_back({"model.from", config.model.from});
  if (!config.tokenizer.from.empty()) folders.push_back({"tokenizer.from", config.tokenizer.from});
  return folders;
}

std::vector<NamedPath> data_files(const RunConfig& config) {
  std::vector<NamedPath> files;
  for (const std::string& file : config.data.train) add_data(files, config, "data.train", file);
  if (config.data.validation && !config.data.validation->share)
    add_data(files, config, "data.validation", config.data.validation->file);
  if (config.data.test) add_data(files, config, "data.test", *config.data.test);
  return files;
}

// Small files that may lie anywhere but under the names that a run writes.
std::vector<NamedPath> setting_files(const RunConfig& config, const fs::path& config_file) {
  std::vector<NamedPath> files;
  for (const NamedPath& file :
       {NamedPath{"the config", config_file}, {"tokenizer.add_tokens", config.tokenizer.add_tokens}})
    if (!file.path.empty() && can_be_read_again(file.path)) files.push_back(file);
  return files;
}

std::vector<NamedPath> joined(std::vector<NamedPath> paths, const std::vector<NamedPath>& more) {
  paths.insert(paths.end(), more.begin(), more.end());
  return paths;
}

// Whether what is written to this name of a folder may change a file elsewhere.
bool leads_elsewhere(const fs::path& path) {
  std::error_code error;  // what cannot be looked at is told by who opens it
  if (fs::is_symlink(path, error)) return true;
  return fs::is_regular_file(path, error) && fs::hard_link_count(path, error) > 1;
}

// Links that somebody put into the folder of a run in place of its files; run.log is never written through one.
std::vector<NamedPath> links_of_run(const NamedPath& output) {
  std::vector<NamedPath> links;
  if (!is_folder(output.path)) return links;
  for (const std::string& name : names_in_folder(output.path))
    if (is_run_name(name) && name != kRunLogName && leads_elsewhere(output.path / name))
      links.push_back({output.name, output.path / name});
  return links;
}

// Whether a model may have a file or folder of this name: what runs write, what is read of model folders, and the
// modules of sentence-transformers ("2_Dense").
bool is_model_part(std::string_view name) {
  constexpr std::array<std::string_view, 5> kEndings{".json", ".safetensors", ".bin", ".txt", ".model"};
  const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
  return is_run_name(name) || (digits > 0 && name.substr(digits).starts_with('_')) ||
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

// Hidden files, and what a run leaves that was refused, are no part of a model.
bool holds_parts(const fs::path& folder) {
  for (const std::string& name : names_in_folder(folder))
    if (!name.starts_with('.') && name != kRunLogName && !is_folder(folder / name)) return true;
  return false;
}

// `place` is where `written` lies in the folder of a model or a run. New folders are no part of it, nor are runs.
void require_no_part(const NamedPath& written, const NamedPath& model, const fs::path& place) {
  fs::path folder = model.path;
  bool may_have_parts = true;
  for (const fs::path& part : place) {
    if (may_have_parts && is_model_part(part.string()))
      refuse_path(written, "lies where " + told(model) + " may have its own " + quote(part.string()));
    folder /= part;
    if (!is_folder(folder)) return;
    may_have_parts = path_exists(folder / kRunRecordName);
    if (!may_have_parts && holds_parts(folder))
      refuse_path(written, "lies in " + quote(part.string()) + ", which holds files of " + told(model));
  }
}

// A model's folders may lie elsewhere, by links.
void require_no_part(const NamedPath& written, const NamedPath& model) {
  if (!is_folder(model.path)) return;
  const fs::path path = resolved_path(written.path);
  if (const auto place = place_in(resolved_path(model.path), path)) {
    if (place->empty()) refuse_path(written, "is the folder of " + told(model));
    require_no_part(written, model, *place);
  }
  for (const std::string& name : names_in_folder(model.path)) {
    std::error_code error;
    if (!fs::is_symlink(model.path / name, error) || !is_folder(model.path / name)) continue;
    if (const auto place = place_in(resolved_path(model.path / name), path))
      require_no_part(written, model, place->empty() ? fs::path(name) : name / *place);
  }
}

void require_no_part_of_other_run(const NamedPath& written) {
  const fs::path folder = resolved_path(written.path).parent_path();
  if (path_exists(folder / kRunRecordName)) require_no_part(written, {"the run in", folder});
}

// `file` must not lie under a name of `folder` that is written to.
void require_outside(const NamedPath& file, const NamedPath& folder, bool (*is_written)(std::string_view)) {
  const auto place = place_in(resolved_path(folder.path), resolved_path(file.path));
  if (place && !place->empty() && is_written(place->begin()->string()))
    refuse_path(file, "lies where " + told(folder) + " has its own " + quote(place->begin()->string()));
}

void require_kept_by_cache(const NamedPath& cache, const NamedPath& output, const std::vector<NamedPath>& sources) {
  require_outside(cache, output, is_run_name);
  require_outside(output, cache, is_corpus_name);
  for (const NamedPath& source : sources) require_outside(source, cache, is_corpus_name);
}

}  // namespace

void require_kept_sources(const RunConfig& config, const fs::path& config_file) {
  const std::vector<NamedPath> folders = model_folders(config);
  const std::vector<NamedPath> settings = setting_files(config, config_file);
  const std::vector<NamedPath> held = joined(folders, data_files(config));
  const std::vector<NamedPath> sources = joined(held, settings);
  std::vector<NamedPath> written{{"output_dir", config.output_dir}};
  require_distinct_paths({.inputs = held, .folders = {}, .outputs = written});
  require_distinct_paths({.inputs = sources, .folders = {}, .outputs = links_of_run(written.front())});
  for (const NamedPath& file : settings) require_outside(file, written.front(), is_run_name);
  if (task_row(config.task).most_texts == 0) {
    written.push_back({"data.cache", corpus_cache(config)});
    require_kept_by_cache(written.back(), written.front(), sources);
  }
  for (const NamedPath& path : written) {
    for (const NamedPath& model : folders) require_no_part(path, model);
    require_no_part_of_other_run(path);
  }
}

}  // namespace llmtool
