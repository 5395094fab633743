#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Incremental SHA-256 (FIPS 180-4).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::string_view bytes);
  // 64 lower-case hexadecimal digits. The object may not be used afterwards.
  std::string hex_digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
// Throws ResourceError when the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

// 64-bit FNV-1a followed by an avalanche step, mixed with `seed`: cheap and stable, for splits and tables, not for
// security.
std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0);

// Size and SHA-256 of a file as it was written.
struct FileDigest {
  std::uintmax_t size = 0;
  std::string sha256;
};

// By name, relative to a folder.
using FileDigests = std::map<std::string, FileDigest>;

// Throws ResourceError.
FileDigest digest_of_file(const std::filesystem::path& path);

// {name: {"size": …, "sha256": …}}
Json to_json(const FileDigests& digests);
// Throws ModelError that starts with `source`: no such object, no hash, or a name that leads out of the folder or has
// another spelling than a file of it.
FileDigests file_digests_from_json(const Json& json, const std::string& source);

enum class FileState { kOk, kDamaged, kMissing };

struct CheckedFile {
  std::string name;
  FileState state = FileState::kOk;
  std::string problem;  // "model.safetensors is 12 bytes, expected 90868376"; empty when it is as it was written
};

// What has become of each of the files in `folder`. What cannot be read counts as damaged.
std::vector<CheckedFile> check_files(const std::filesystem::path& folder, const FileDigests& digests);

}  // namespace llmtool
