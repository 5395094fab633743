#include "golden_tensors.h"
#include "llmtool/formats/tensor_source.h"
#include "rows.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::fixture;
using testing::message_of;
using testing::TemporaryDirectory;

constexpr const char* kIndex = "model.safetensors.index.json";

std::string complaint(const fs::path& directory) {
  return message_of([&] { open_checkpoint(directory); }, ExitCode::kModel);
}

// A copy of the sharded checkpoint that may be damaged.
void copy_shards(const TemporaryDirectory& directory) {
  fs::copy(fixture("formats/sharded_safetensors"), directory.path());
}

}  // namespace

TEST_CASE("a checkpoint is found whatever form it has") {
  testing::check_equals_golden(*open_checkpoint(fixture("formats/sharded_safetensors")), "sharded.json");
  testing::check_equals_golden(*open_checkpoint(fixture("formats/sharded_bin")), "sharded.json");
  const TemporaryDirectory directory;
  fs::copy(fixture("formats/state_dict.bin"), directory / "pytorch_model.bin");
  testing::check_equals_golden(*open_checkpoint(directory.path()), "state_dict.json");
  fs::copy(fixture("formats/types.safetensors"), directory / "model.safetensors");
  testing::check_equals_golden(*open_checkpoint(directory.path()), "types.json");
}

TEST_CASE("a sharded checkpoint names the files behind it") {
  const auto source = open_checkpoint(fixture("formats/sharded_safetensors"));
  REQUIRE(source->files().size() == 4);
  CHECK(source->files()[0].filename() == kIndex);
  CHECK(source->metadata().at("format") == "pt");
}

TEST_CASE("a folder without weights says what was expected") {
  const TemporaryDirectory directory;
  CHECK_THAT(complaint(directory.path()), Catch::Contains("expected model.safetensors, pytorch_model.bin"));
  CHECK_THAT(complaint(directory / "bert-base-uncased"), Catch::Contains("nothing is downloaded"));
}

TEST_CASE("missing shards are all listed") {
  const TemporaryDirectory directory;
  copy_shards(directory);
  fs::remove(directory / "model-00001-of-00003.safetensors");
  fs::remove(directory / "model-00003-of-00003.safetensors");
  CHECK_THAT(complaint(directory.path()), Catch::Contains("2 of 3 weight files are missing") &&
                                              Catch::Contains("model-00001-of") && Catch::Contains("model-00003-of"));
}

TEST_CASE("a shard path that leaves the folder is refused") {
  const TemporaryDirectory directory;
  for (const char* shard : {"../evil.safetensors", "/etc/passwd", "a/b.safetensors", "..", "", "a\\\\b"}) {
    directory.write(kIndex, std::string("{\"weight_map\": {\"x\": \"") + shard + "\"}}");
    CHECK_THAT(complaint(directory.path()), Catch::Contains("leaves the model's folder"));
  }
}

TEST_CASE("a shard may be a link as in the Hugging Face cache") {
  const TemporaryDirectory directory;
  for (const auto& file : fs::directory_iterator(fixture("formats/sharded_safetensors")))
    fs::create_symlink(file.path(), directory / file.path().filename().string());
  testing::check_equals_golden(*open_checkpoint(directory.path()), "sharded.json");
}

TEST_CASE("a tensor that the index names must be in its shard") {
  const TemporaryDirectory directory;
  copy_shards(directory);
  directory.write(kIndex, R"({"weight_map": {"absent": "model-00001-of-00003.safetensors"}})");
  CHECK_THAT(complaint(directory.path()), Catch::Contains("'absent (model-00001-of-00003.safetensors)'"));
}

TEST_CASE("a damaged index is refused") {
  const TemporaryDirectory directory;
  for (const char* index : {"{}", "[]", R"({"weight_map": []})", R"({"weight_map": {"x": 1}})", "{"}) {
    directory.write(kIndex, index);
    CHECK_THAT(complaint(directory.path()), Catch::Contains(kIndex));
  }
}

}  // namespace llmtool
