#include "llmtool/training/manifest.h"

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;

}  // namespace

void write_manifest(const fs::path& directory) {
  FileDigests digests;
  for (const fs::path& file : files_below(directory)) digests[file.generic_string()] = digest_of_file(directory / file);
  const Json manifest{{"format", kFormat}, {"files", to_json(digests)}};
  write_file_atomically(directory / kManifestName, to_json_text(manifest, 2) + "\n");
}

FileDigests read_manifest(const fs::path& directory, std::span<const std::string_view> required) {
  const Json manifest = read_json_file((directory / kManifestName).string(), ExitCode::kModel);
  if (!manifest.is_object() || !manifest.contains("files"))
    throw ModelError(std::string(kManifestName) + " is not a manifest");
  if (manifest.value("format", Json()) != Json(kFormat))
    throw ModelError(std::string(kManifestName) + " was written by another version of llmtool");
  FileDigests digests = file_digests_from_json(manifest["files"], kManifestName);
  if (digests.empty()) throw ModelError(std::string(kManifestName) + " lists no files");
  for (const std::string_view name : required)
    if (!digests.contains(std::string(name)))
      throw ModelError(std::string(kManifestName) + " does not list " + std::string(name));
  return digests;
}

std::optional<std::string> find_damage(const fs::path& directory, std::span<const std::string_view> required) {
  try {
    for (CheckedFile& file : check_files(directory, read_manifest(directory, required)))
      if (file.state != FileState::kOk) return std::move(file.problem);
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace llmtool
