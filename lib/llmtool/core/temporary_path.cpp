#include "llmtool/core/temporary_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".tmp-";
// Of a replaced directory, where the file system cannot exchange names.
constexpr std::string_view kOldMark = "-old";
// So that the temporary name of a long one is not too long for the file system.
constexpr std::size_t kLongestBase = 200;
constexpr std::time_t kSecondsOfADay = 24 * 60 * 60;

struct Registry {
  std::timed_mutex mutex;
  std::vector<fs::path> paths;
};

// Never destroyed: the process may be ended while its last objects go.
Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// Eight hexadecimal digits for the name of this machine, which may be too long for a part of a file's name.
std::string machine_mark() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(stable_hash(name.data()) & 0xffffffffU));
  return digits.data();
}

bool is_registered(const fs::path& path) {
  const std::lock_guard lock(registry().mutex);
  const auto& paths = registry().paths;
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

bool has_ended(pid_t process) { return process > 0 && kill(process, 0) != 0 && errno == ESRCH; }

bool is_a_day_old(const fs::path& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtime > kSecondsOfADay;
}

// What follows the mark is "MACHINE-PROCESS", of earlier versions "PROCESS".
bool is_abandoned(const fs::path& path) {
  const std::string name = path.filename().string();
  if (temporary_base_name(name).empty() || name.ends_with(kOldMark)) return false;
  const std::string_view owner = std::string_view(name).substr(name.rfind(kMark) + kMark.size());
  const std::size_t dash = owner.find('-');
  const std::string_view digits = dash == std::string_view::npos ? owner : owner.substr(dash + 1);
  pid_t process = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  if (dash == std::string_view::npos || owner.substr(0, dash) != machine_mark()) return is_a_day_old(path);
  return process == getpid() ? !is_registered(path) : has_ended(process);
}

}  // namespace

TemporaryPath::TemporaryPath(fs::path path) : path_(std::move(path)) {
  const std::lock_guard lock(registry().mutex);
  registry().paths.push_back(path_);
}

std::unique_ptr<TemporaryPath> TemporaryPath::create(fs::path path, const std::function<bool()>& create) {
  const std::lock_guard lock(registry().mutex);
  if (!create()) return nullptr;
  registry().paths.push_back(path);
  return std::unique_ptr<TemporaryPath>(new TemporaryPath(std::move(path), Registered{}));
}

// Removed before it is forgotten: a process that is ended in between removes it once more.
TemporaryPath::~TemporaryPath() {
  remove_quietly(path_);
  const std::lock_guard lock(registry().mutex);
  auto& paths = registry().paths;
  paths.erase(std::find(paths.begin(), paths.end(), path_));
}

void TemporaryPath::publish(const std::function<void()>& rename) const {
  const std::lock_guard lock(registry().mutex);
  rename();
}

void remove_temporary_paths() {
  // A rename that hangs, on a network file system that is gone, must not keep the process from ending.
  constexpr auto kLongestWait = std::chrono::milliseconds(500);
  if (!registry().mutex.try_lock_for(kLongestWait)) return;
  // Twice: another thread may have been writing into a folder while it was removed.
  for (int round = 0; round < 2; ++round)
    for (const fs::path& path : registry().paths) remove_quietly(path);
}

fs::path temporary_sibling(const fs::path& path) {
  const std::string base = path.filename().string().substr(0, kLongestBase);
  return path.parent_path() / ("." + base + std::string(kMark) + machine_mark() + "-" + std::to_string(getpid()));
}

std::string_view temporary_base_name(std::string_view name) {
  const std::size_t mark = name.rfind(kMark);
  return name.starts_with('.') && mark != std::string_view::npos ? name.substr(1, mark - 1) : std::string_view();
}

void remove_abandoned_temporaries(const fs::path& folder, std::string_view base) {
  std::error_code ignored;
  fs::directory_iterator entry(folder.empty() ? "." : folder, ignored);
  std::vector<fs::path> abandoned;
  for (; !ignored && entry != fs::directory_iterator(); entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if ((base.empty() || temporary_base_name(name) == base) && is_abandoned(entry->path()))
      abandoned.push_back(entry->path());
  }
  for (const fs::path& path : abandoned) remove_quietly(path);
}

namespace {

std::filesystem::path make_folder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  std::string pattern = (parent / "llmtool-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr)
    throw ResourceError("cannot create a folder for temporary files (" + pattern +
                        "): " + (error ? error.message() : std::strerror(errno)) +
                        "; set TMPDIR to a folder that can be written");
  return pattern;
}

}  // namespace

ScratchDirectory::ScratchDirectory() : folder_(make_folder()) {}

}  // namespace llmtool
