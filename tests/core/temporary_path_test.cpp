#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "../support/temporary_directory.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryDirectory;

// The number of a process that has ended.
pid_t ended_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

// The temporary name that another process of this machine would give.
fs::path sibling_of(const fs::path& path, pid_t process) {
  const std::string own = temporary_sibling(path).string();
  return own.substr(0, own.rfind('-') + 1) + std::to_string(process);
}

TEST_CASE("What lies under a temporary path goes with it") {
  const TemporaryDirectory directory;
  {
    const TemporaryPath file(directory / "file");
    const TemporaryPath folder(directory / "folder");
    const TemporaryPath never_made(directory / "never made");
    directory.write("file", "");
    directory.write("folder/deep/file", "");
  }
  CHECK(names_in_folder(directory.path()).empty());
}

TEST_CASE("What was published stays") {
  const TemporaryDirectory directory;
  {
    const TemporaryPath file(directory.write("temporary", "x"));
    file.publish([&] { rename_path(file.path(), directory / "lasting"); });
    CHECK_THROWS_AS(file.publish([] { throw std::runtime_error("a rename that fails"); }), std::runtime_error);
  }
  CHECK(names_in_folder(directory.path()) == std::vector<std::string>{"lasting"});
}

TEST_CASE("A process that ends early removes what lies under temporary paths") {
  const TemporaryDirectory directory;
  directory.write("kept", "");
  const pid_t child = fork();
  if (child == 0) {
    const TemporaryPath folder(directory / "folder");
    directory.write("folder/file", "");
    remove_temporary_paths();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  CHECK(names_in_folder(directory.path()) == std::vector<std::string>{"kept"});
}

TEST_CASE("Temporary names tell what they are for and stay short enough") {
  const std::string name = temporary_sibling("folder/model.safetensors").filename().string();
  CHECK(temporary_sibling("folder/a").parent_path() == "folder");
  CHECK(temporary_base_name(name) == "model.safetensors");
  CHECK(temporary_base_name(".a.tmp-b.tmp-1") == "a.tmp-b");
  for (const char* other : {"model.safetensors", ".hidden", "a.tmp-1", ""}) CHECK(temporary_base_name(other).empty());
  CHECK(temporary_sibling(std::string(255, 'n')).string().size() <= 255);
}

TEST_CASE("What processes that have ended left is removed, and nothing else") {
  const TemporaryDirectory directory;
  const pid_t ended = ended_process();
  const auto write = [&](const fs::path& path) { return directory.write(path.filename().string(), ""); };
  directory.write(sibling_of(directory / "folder", ended).filename().string() + "/file", "");
  write(sibling_of(directory / "a", ended));
  write(temporary_sibling(directory / "b"));  // of an earlier process with the number of this one
  const fs::path old = write(".c.tmp-00000000-1");
  const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
  utimensat(AT_FDCWD, old.c_str(), long_ago, 0);

  const TemporaryPath own(temporary_sibling(directory / "own"));
  std::vector<std::string> kept = {own.path().filename().string()};
  write(own.path());
  for (const fs::path& path : {sibling_of(directory / "alive", getppid()), directory / ".other.tmp-00000000-1",
                               directory / ".earlier.tmp-1", directory / ".swap.tmp-x", directory / "plain"})
    kept.push_back(write(path).filename().string());
  std::sort(kept.begin(), kept.end());

  remove_abandoned_temporaries(directory.path());
  CHECK(names_in_folder(directory.path()) == kept);
  remove_abandoned_temporaries(directory / "missing");
}

TEST_CASE("What is left of one name is removed alone") {
  const TemporaryDirectory directory;
  const pid_t ended = ended_process();
  directory.write(sibling_of(directory / "a", ended).filename().string(), "");
  const std::string other =
      directory.write(sibling_of(directory / "b", ended).filename().string(), "").filename().string();
  remove_abandoned_temporaries(directory.path(), "a");
  CHECK(names_in_folder(directory.path()) == std::vector<std::string>{other});
}

}  // namespace
}  // namespace llmtool
