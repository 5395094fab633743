#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

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

}  // namespace llmtool
