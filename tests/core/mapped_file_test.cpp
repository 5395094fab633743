#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("A mapped file shows its bytes and an empty one shows none") {
  const TemporaryDirectory directory;
  CHECK(MappedFile(directory.write("a", "abc")).bytes() == "abc");
  CHECK(MappedFile(directory.write("empty", "")).bytes().empty());
}

TEST_CASE("Bytes whose memory was given back are read again") {
  const TemporaryDirectory directory;
  const std::string text(1 << 20, 'x');
  const MappedFile file(directory.write("a", text));
  for (int i = 0; i < 2; ++i) {
    CHECK(file.bytes() == text);
    file.release_pages();
  }
}

TEST_CASE("A moved mapping keeps its bytes") {
  const TemporaryDirectory directory;
  MappedFile first(directory.write("a", "abc"));
  MappedFile second(std::move(first));
  CHECK(second.bytes() == "abc");
  MappedFile third(directory.write("b", "other"));
  third = std::move(second);
  CHECK(third.bytes() == "abc");
}

TEST_CASE("A file that cannot be mapped is a resource error") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(MappedFile(directory / "missing"),
                    "cannot read " + (directory / "missing").string() + ": No such file or directory");
  CHECK_THROWS_AS(MappedFile(directory.path()), ResourceError);
}

}  // namespace
}  // namespace llmtool
