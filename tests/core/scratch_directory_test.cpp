#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

#include "llmtool/core/atomic_file.h"

using namespace llmtool;

TEST_CASE("a scratch directory goes with everything in it") {
  std::filesystem::path path;
  {
    const ScratchDirectory scratch;
    const ScratchDirectory other;
    path = scratch.path();
    CHECK(path != other.path());
    std::filesystem::create_directories(path / "a" / "b");
    std::ofstream(path / "a" / "file") << "text";
    CHECK(std::filesystem::exists(path / "a" / "file"));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}
