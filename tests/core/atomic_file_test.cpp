#include "llmtool/core/atomic_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryDirectory;

std::size_t count_entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("An atomic file appears only when it is committed") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "a.txt";
  AtomicFile file(path);
  file.write("one ");
  file.write("two", 3);
  CHECK_FALSE(fs::exists(path));
  file.commit();
  CHECK(testing::read_file(path) == "one two");
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("A dropped atomic file leaves the old content and nothing else") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("a.txt", "old");
  {
    AtomicFile file(path);
    file.write("new");
  }
  CHECK(testing::read_file(path) == "old");
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("An atomic file replaces what was there") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("a.txt", "old and longer");
  write_file_atomically(path, "new");
  CHECK(testing::read_file(path) == "new");
}

TEST_CASE("A link to a file stays a link") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("a.txt", "old");
  fs::create_symlink("a.txt", directory / "link.txt");
  write_file_atomically(directory / "link.txt", "new");
  CHECK(fs::is_symlink(directory / "link.txt"));
  CHECK(testing::read_file(path) == "new");
}

TEST_CASE("The file that a link names is made") {
  const TemporaryDirectory directory;
  fs::create_symlink("made.txt", directory / "link.txt");
  fs::create_symlink("link.txt", directory / "link of a link.txt");
  write_file_atomically(directory / "link of a link.txt", "new");
  CHECK(fs::is_symlink(directory / "link.txt"));
  CHECK_FALSE(fs::is_symlink(directory / "made.txt"));
  CHECK(testing::read_file(directory / "made.txt") == "new");
  fs::create_symlink("made", directory / "folder");
  write_directory_atomically(directory / "folder", [](const fs::path& folder) { std::ofstream(folder / "a") << "x"; });
  CHECK(fs::is_symlink(directory / "folder"));
  CHECK(testing::read_file(directory / "made/a") == "x");
}

TEST_CASE("A loop of links cannot be written to") {
  const TemporaryDirectory directory;
  fs::create_symlink("loop", directory / "loop");
  CHECK_THROWS_WITH(AtomicFile(directory / "loop"), Catch::Contains("Too many levels of symbolic links"));
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

TEST_CASE("What replaces a file has its permissions, what is new those of the user") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("a.txt", "old");
  const mode_t mask = umask(027);
  for (const mode_t mode : {0600, 0400, 0664}) {
    chmod(path.c_str(), mode);
    write_file_atomically(path, "new");
    CHECK(mode_of(path) == mode);
  }
  write_file_atomically(directory / "b.txt", "new");
  CHECK(mode_of(directory / "b.txt") == 0640);
  directory.write("folder/old", "");
  chmod((directory / "folder").c_str(), 0700);
  write_directory_atomically(directory / "folder", [](const fs::path&) {});
  CHECK(mode_of(directory / "folder") == 0700);
  umask(mask);
}

TEST_CASE("A file that is being written has no name where the file system can do that") {
  const TemporaryDirectory directory;
  const int probe = open(directory.path().c_str(), O_TMPFILE | O_RDWR, 0600);
  if (probe < 0) return;
  close(probe);
  AtomicFile file(directory / "a.txt");
  file.write("new");
  CHECK(count_entries(directory.path()) == 0);
}

TEST_CASE("A file beyond the limit of file sizes says what to do") {
  const TemporaryDirectory directory;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_file_atomically(directory / "a", std::string(5000, 'x'));
  } catch (const ResourceError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK_THAT(message, Catch::Contains("File too large; raise the limit for the size of a file (ulimit -f)"));
  CHECK(count_entries(directory.path()) == 0);
}

TEST_CASE("A directory may be named with a slash at its end") {
  const TemporaryDirectory directory;
  for (int round = 0; round < 2; ++round)
    write_directory_atomically(directory / "model/",
                               [](const fs::path& folder) { std::ofstream(folder / "a") << "x"; });
  CHECK(testing::read_file(directory / "model/a") == "x");
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("A pipe is written to and stays a pipe") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "pipe";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  write_file_atomically(path, "new");
  char text[8] = {};
  CHECK(read(reader, text, sizeof(text)) == 3);
  CHECK(std::string(text) == "new");
  close(reader);
  CHECK(fs::is_fifo(path));
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("A file that cannot be written is a resource error with path and reason") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(AtomicFile(directory / "missing/a.txt"), ResourceError);
  CHECK_THROWS_WITH(AtomicFile(directory / "missing/a.txt"),
                    "cannot write " + (directory / "missing/a.txt").string() + ": No such file or directory");
  // A folder with content cannot be replaced by a file.
  directory.write("folder/a.txt", "x");
  CHECK_THROWS_AS(write_file_atomically(directory / "folder", "x"), ResourceError);
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("A full disk says what to do") {
  if (!fs::exists("/dev/full")) return;
  CHECK_THROWS_WITH(write_file_atomically("/dev/full", "x"),
                    Catch::Contains("No space left on device; free some space or choose another output folder"));
}

TEST_CASE("A directory appears whole or not at all") {
  const TemporaryDirectory directory;
  const fs::path path = directory / "model";
  CHECK_THROWS_AS(write_directory_atomically(path,
                                             [](const fs::path& folder) {
                                               std::ofstream(folder / "a") << "half";
                                               throw std::runtime_error("interrupted");
                                             }),
                  std::runtime_error);
  CHECK(count_entries(directory.path()) == 0);
  write_directory_atomically(path, [](const fs::path& folder) { std::ofstream(folder / "a") << "whole"; });
  CHECK(testing::read_file(path / "a") == "whole");
}

TEST_CASE("A directory is replaced with its content") {
  const TemporaryDirectory directory;
  directory.write("model/old", "x");
  write_directory_atomically(directory / "model", [](const fs::path& folder) { std::ofstream(folder / "new") << "y"; });
  CHECK_FALSE(fs::exists(directory / "model/old"));
  CHECK(testing::read_file(directory / "model/new") == "y");
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("A directory that is replaced is there at every moment") {
  const TemporaryDirectory directory;
  const std::string name = directory.write("model/a", "x").string();
  std::atomic<bool> is_done = false;
  std::int64_t num_absent = 0;
  std::thread reader([&] {
    while (!is_done) num_absent += access(name.c_str(), F_OK) != 0;
  });
  for (int i = 0; i < 200; ++i)
    write_directory_atomically(directory / "model", [](const fs::path& folder) { std::ofstream(folder / "a") << "y"; });
  is_done = true;
  reader.join();
  CHECK(num_absent == 0);
  CHECK(count_entries(directory.path()) == 1);
}

TEST_CASE("A directory that fails to be replaced keeps its old content") {
  const TemporaryDirectory directory;
  directory.write("model/old", "x");
  CHECK_THROWS_AS(
      write_directory_atomically(directory / "model", [](const fs::path&) { throw std::runtime_error("interrupted"); }),
      std::runtime_error);
  CHECK(testing::read_file(directory / "model/old") == "x");
}

TEST_CASE("Reading a file gives its bytes or says why not") {
  const TemporaryDirectory directory;
  const std::string bytes("a\0b\r\n\xff", 6);
  CHECK(read_file(directory.write("a", bytes)) == bytes);
  CHECK(read_file(directory.write("empty", "")).empty());
  CHECK_THROWS_WITH(read_file(directory / "missing"),
                    "cannot read " + (directory / "missing").string() + ": No such file or directory");
  CHECK_THROWS_WITH(read_file(directory.path()), "cannot read " + directory.path().string() + ": Is a directory");
}

TEST_CASE("A writable directory is made with its parents and left empty") {
  const TemporaryDirectory directory;
  require_writable_directory(directory / "a/b");
  CHECK(fs::is_directory(directory / "a/b"));
  CHECK(count_entries(directory / "a/b") == 0);
  directory.write("file", "");
  CHECK_THROWS_AS(require_writable_directory(directory / "file/sub"), ResourceError);
}

}  // namespace
}  // namespace llmtool
