#include <array>
#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/hashing.h"
#include "llmtool/training/checkpoint_directory.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TemporaryDirectory& fill(TemporaryDirectory& directory) {
  directory.write("model.safetensors", "weights");
  directory.write("nested/state.json", "{}");
  write_manifest(directory.path());
  return directory;
}

TEST_CASE("A directory as its manifest says has no damage") {
  TemporaryDirectory directory;
  CHECK_FALSE(find_damage(fill(directory).path()));
}

TEST_CASE("A missing or shortened or changed file is named") {
  TemporaryDirectory missing;
  std::filesystem::remove(fill(missing) / "nested/state.json");
  CHECK_THAT(find_damage(missing.path()).value(), Catch::Contains("nested/state.json is missing"));

  TemporaryDirectory shortened;
  fill(shortened).write("model.safetensors", "weigh");
  CHECK_THAT(find_damage(shortened.path()).value(), Catch::Contains("is 5 bytes, expected 7"));

  TemporaryDirectory changed;
  fill(changed).write("model.safetensors", "weighty");
  CHECK_THAT(find_damage(changed.path()).value(), Catch::Contains("SHA-256"));
}

TEST_CASE("A manifest that leaves files out or is of another kind counts as damage") {
  const auto damage_of = [](const char* manifest) {
    TemporaryDirectory directory;
    fill(directory).write("MANIFEST.json", manifest);
    return find_damage(directory.path(), std::array<std::string_view, 1>{"model.safetensors"}).value();
  };
  CHECK_THAT(damage_of(R"({"format": 1, "files": {}})"), Catch::Contains("lists no files"));
  CHECK_THAT(damage_of(R"({"format": 2, "files": {}})"), Catch::Contains("another version"));
  CHECK_THAT(damage_of(R"({"files": {}})"), Catch::Contains("another version"));
  CHECK_THAT(damage_of(R"({"format": 1, "files": {"a": {"size": 0, "sha256": ""}}})"),
             Catch::Contains("size and SHA-256 of 'a' are not there"));
  const std::string entry = R"({"size": 0, "sha256": ")" + sha256_hex("") + "\"}";
  const auto damage_of_list = [&](const std::string& name) {
    return damage_of((R"({"format": 1, "files": {")" + name + "\": " + entry + "}}").c_str());
  };
  CHECK_THAT(damage_of_list("a"), Catch::Contains("does not list model.safetensors"));
  for (const char* spelling : {"./a", "a//b", "a/.", "a/"})
    CHECK_THAT(damage_of_list(spelling), Catch::Contains("is not a file's name as it is written there"));
  CHECK_THAT(damage_of(R"({"format": 1, "files": {"../a": {"size": 0, "sha256": ""}}})"),
             Catch::Contains("'../a' lies outside of the folder"));
  CHECK_THAT(damage_of("[]"), Catch::Contains("is not a manifest"));
}

TEST_CASE("A directory without manifest or with a broken one counts as damaged") {
  const TemporaryDirectory directory;
  CHECK(find_damage(directory.path()));
  directory.write("MANIFEST.json", "{\"files\": {\"a\": 3}}");
  CHECK(find_damage(directory.path()));
  directory.write("MANIFEST.json", "{");
  CHECK(find_damage(directory.path()));
}

}  // namespace
}  // namespace llmtool
