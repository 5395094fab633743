#include "llmtool/training/manifest.h"

#include <algorithm>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestName = "MANIFEST.json";

std::vector<fs::path> files_below(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), directory));
  std::sort(files.begin(), files.end());
  return files;
}

std::optional<std::string> find_file_damage(const fs::path& file, const std::string& name, const Json& expected) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return name + " is missing";
  if (size != expected.at("size").get<std::uintmax_t>())
    return name + " is " + std::to_string(size) + " bytes, expected " + expected.at("size").dump();
  if (sha256_of_file(file) != expected.at("sha256").get<std::string>())
    return name + " does not have the content it was saved with (SHA-256 differs)";
  return std::nullopt;
}

}  // namespace

void write_manifest(const fs::path& directory) {
  Json files = Json::object();
  for (const fs::path& file : files_below(directory))
    files[file.generic_string()] = {{"size", fs::file_size(directory / file)},
                                    {"sha256", sha256_of_file(directory / file)}};
  const Json manifest{{"format", 1}, {"files", files}};
  write_file_atomically(directory / kManifestName, to_json_text(manifest, 2) + "\n");
}

std::optional<std::string> find_damage(const fs::path& directory) {
  try {
    const Json manifest = read_json_file((directory / kManifestName).string(), ExitCode::kModel);
    for (const auto& [name, expected] : manifest.at("files").items())
      if (auto damage = find_file_damage(directory / name, name, expected)) return damage;
  } catch (const Error& error) {
    return error.what();
  } catch (const Json::exception&) {
    return std::string(kManifestName) + " is not a manifest";
  }
  return std::nullopt;
}

}  // namespace llmtool
