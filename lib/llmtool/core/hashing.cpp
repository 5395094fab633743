#include "llmtool/core/hashing.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is unavailable");
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256::hex_digest() {
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex_digest();
}

// In pieces: a mapping of the whole file would count as memory in use.
std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ResourceError("cannot read " + path.string() + ": " + std::strerror(errno));
  Sha256 hash;
  std::vector<char> piece(1 << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    hash.update({piece.data(), static_cast<std::size_t>(file.gcount())});
  if (file.bad()) throw ResourceError("cannot read " + path.string() + ": " + std::strerror(errno));
  return hash.hex_digest();
}

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3ULL;
  }
  // Finaliser of SplitMix64: FNV alone leaves the high bits of short strings poorly mixed.
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}

namespace {

namespace fs = std::filesystem;

bool stays_in_folder(const fs::path& name) {
  return !name.empty() && name.is_relative() && std::find(name.begin(), name.end(), "..") == name.end();
}

// By other spellings the same file could be listed twice.
bool is_plain(const fs::path& name) {
  return name.has_filename() && name.filename() != "." && name.lexically_normal().native() == name.native();
}

bool is_sha256(std::string_view text) {
  constexpr std::size_t kLength = 64;
  return text.size() == kLength && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

FileDigest digest_from_json(const Json& entry, const std::string& name, const std::string& source) {
  const Json size = entry.is_object() ? entry.value("size", Json()) : Json();
  const Json hash = entry.is_object() ? entry.value("sha256", Json()) : Json();
  if (!size.is_number_unsigned() || !hash.is_string() || !is_sha256(hash.get_ref<const std::string&>()))
    throw ModelError(source + ": size and SHA-256 of " + quote(name) + " are not there");
  return {size.get<std::uintmax_t>(), hash.get<std::string>()};
}

CheckedFile damaged(const std::string& name, const std::string& problem) {
  return {name, FileState::kDamaged, name + problem};
}

CheckedFile check_file(const fs::path& folder, const std::string& name, const FileDigest& expected) {
  try {
    if (!path_exists(folder / name)) return {name, FileState::kMissing, name + " is missing"};
    const auto size = regular_file_size(folder / name);
    if (!size) return damaged(name, " is not a file");
    if (*size != expected.size)
      return damaged(name, " is " + std::to_string(*size) + " bytes, expected " + std::to_string(expected.size));
    if (sha256_of_file(folder / name) != expected.sha256)
      return damaged(name, " does not have the content it was saved with (SHA-256 differs)");
  } catch (const ResourceError& error) {
    return damaged(name, std::string(": ") + error.what());
  }
  return {name, FileState::kOk, ""};
}

}  // namespace

FileDigest digest_of_file(const fs::path& path) {
  const auto size = regular_file_size(path);
  return {size.value_or(0), sha256_of_file(path)};
}

Json to_json(const FileDigests& digests) {
  Json json = Json::object();
  for (const auto& [name, digest] : digests) json[name] = {{"size", digest.size}, {"sha256", digest.sha256}};
  return json;
}

FileDigests file_digests_from_json(const Json& json, const std::string& source) {
  if (!json.is_object()) throw ModelError(source + ": the list of files is no object");
  FileDigests digests;
  for (const auto& [name, entry] : json.items()) {
    if (!stays_in_folder(name)) throw ModelError(source + ": " + quote(name) + " lies outside of the folder");
    if (!is_plain(name)) throw ModelError(source + ": " + quote(name) + " is not a file's name as it is written there");
    digests[name] = digest_from_json(entry, name, source);
  }
  return digests;
}

std::vector<CheckedFile> check_files(const fs::path& folder, const FileDigests& digests) {
  std::vector<CheckedFile> files;
  for (const auto& [name, digest] : digests) files.push_back(check_file(folder, name, digest));
  return files;
}

}  // namespace llmtool
