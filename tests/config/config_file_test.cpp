#include "llmtool/config/config_file.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("A config file is read by its extension") {
  const TemporaryDirectory directory;
  CHECK(read_config_file(directory.write("a.yaml", "{\"a\": b}")).find("a")->text == "b");
  CHECK(read_config_file(directory.write("a.yml", "a: b")).find("a")->text == "b");
  CHECK_THROWS_WITH(read_config_file(directory.write("a.json", "a: b")), Catch::Contains("invalid JSON"));
}

TEST_CASE("A config file of another extension is JSON when it starts like a JSON object") {
  const TemporaryDirectory directory;
  CHECK_THROWS_WITH(read_config_file(directory.write("a.conf", "\n{ \"a\": b}")), Catch::Contains("invalid JSON"));
  CHECK(read_config_file(directory.write("b.conf", "{a: b}")).find("a")->text == "b");
  CHECK(read_config_file(directory.write("c", "a: b")).find("a")->text == "b");
}

TEST_CASE("A config file that cannot be read is a resource error with its name") {
  const TemporaryDirectory directory;
  const std::string missing = directory / "missing.yaml";
  CHECK_THROWS_AS(read_config_file(missing), ResourceError);
  CHECK_THROWS_WITH(read_config_file(missing), Catch::Contains(missing));
  CHECK_THROWS_AS(read_config_file(directory.path()), ResourceError);
}

TEST_CASE("A file far too large for a config is refused") {
  const TemporaryDirectory directory;
  const auto path = directory.write("model.safetensors", "");
  std::filesystem::resize_file(path, std::uintmax_t{20} << 20);
  CHECK_THROWS_WITH(read_config_file(path),
                    path.string() + ": too large for a config (over 16 MiB); is it another file?");
}

}  // namespace
}  // namespace llmtool
