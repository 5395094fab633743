#include "llmtool/formats/safetensors.h"

#include "golden_tensors.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::fixture;
using testing::message_of;
using testing::TemporaryDirectory;

std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

std::string with_header(const std::string& header, std::size_t num_data_bytes) {
  return little_endian(header.size()) + header + std::string(num_data_bytes, 'd');
}

// What opening a file of these bytes says is wrong.
std::string complaint(const std::string& content) {
  const TemporaryDirectory directory;
  const auto path = directory.write("m.safetensors", content);
  const std::string message = message_of([&] { SafetensorsFile{path}; }, ExitCode::kModel);
  CHECK_THAT(message, Catch::StartsWith(path.string()));
  return message;
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

}  // namespace

TEST_CASE("safetensors of every type are read as the library wrote them") {
  const SafetensorsFile file(fixture("formats/types.safetensors"));
  testing::check_equals_golden(file, "types.json");
  CHECK(file.metadata() == std::map<std::string, std::string>{{"format", "pt"}});
  CHECK(file.find("absent") == nullptr);
  CHECK(file.files().size() == 1);
}

TEST_CASE("safetensors are written byte for byte as the library writes them") {
  const TemporaryDirectory directory;
  for (const char* name : {"types.safetensors", "no_metadata.safetensors"}) {
    const auto golden = fixture(std::string("formats/") + name);
    const SafetensorsFile file(golden);
    std::vector<NamedTensor> tensors;
    for (const std::string& tensor : file.names()) tensors.push_back({tensor, *file.find(tensor)});
    write_safetensors(directory / name, tensors, file.metadata());
    CHECK(testing::read_file(directory / name) == testing::read_file(golden));
  }
}

TEST_CASE("writing inconsistent tensors is refused and leaves no file") {
  const TemporaryDirectory directory;
  const TensorView tensor{DType::kF32, {2}, "12345678"};
  CHECK_THROWS_AS(write_safetensors(directory / "a", {{"x", tensor}, {"x", tensor}}, {}), std::invalid_argument);
  CHECK_THROWS_AS(write_safetensors(directory / "a", {{"x", {DType::kF32, {3}, "12345678"}}}, {}),
                  std::invalid_argument);
  CHECK(std::filesystem::is_empty(directory.path()));
  CHECK_THROWS_AS(write_safetensors(directory / "none/a", {{"x", tensor}}, {}), ResourceError);
}

TEST_CASE("a damaged safetensors header length is refused") {
  CHECK_THAT(complaint("1234567"), Catch::Contains("too short"));
  CHECK_THAT(complaint(""), Catch::Contains("empty"));
  CHECK_THAT(complaint(little_endian(~0ULL) + "{}"),
             Catch::Contains("header length 18446744073709551615 is over 16 MiB"));
  CHECK_THAT(complaint(little_endian((16 << 20) + 1) + "{}"), Catch::Contains("over 16 MiB"));
  std::string numbers = "{\"a\":[0";
  for (int i = 0; i < 2'000'000; ++i) numbers += ",0";
  CHECK_THAT(complaint(little_endian(numbers.size()) + numbers), Catch::Contains("more than 2000000 values"));
  CHECK_THAT(complaint(little_endian(50) + "{}"), Catch::Contains("needs 50 bytes") && Catch::Contains("incomplete"));
}

TEST_CASE("a damaged safetensors header is refused") {
  const std::string good = entry("a", "F32", "[2]", "[0,8]");
  CHECK_THAT(complaint(with_header("[]", 0)), Catch::Contains("not a JSON object"));
  CHECK_THAT(complaint(with_header("{" + good, 8)), Catch::Contains("invalid JSON"));
  CHECK_THAT(complaint(with_header("{" + good + "," + good + "}", 8)), Catch::Contains("duplicate key 'a'"));
  CHECK_THAT(complaint(with_header("{\"a\":1}", 0)), Catch::Contains("tensor 'a': its header entry is not an object"));
  CHECK_THAT(complaint(with_header("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0)),
             Catch::Contains("no 'data_offsets'"));
  CHECK_THAT(complaint(with_header("{\"__metadata__\":{\"x\":1}}", 0)), Catch::Contains("'x' is not a string"));
  CHECK_THAT(complaint(with_header("{\"__metadata__\":[]}", 0)), Catch::Contains("__metadata__"));
}

TEST_CASE("a safetensors entry with impossible type or shape is refused") {
  const auto with_entry = [](const char* dtype, const char* shape, const char* offsets) {
    return complaint(with_header("{" + entry("a", dtype, shape, offsets) + "}", 8));
  };
  CHECK_THAT(with_entry("F33", "[2]", "[0,8]"), Catch::Contains("element type \"F33\" is not supported"));
  CHECK_THAT(with_entry("F32", "[-2]", "[0,8]"), Catch::Contains("shape holds -2"));
  CHECK_THAT(with_entry("F32", "[2.0]", "[0,8]"), Catch::Contains("shape holds 2.0"));
  CHECK_THAT(with_entry("F32", "\"2\"", "[0,8]"), Catch::Contains("not a list"));
  CHECK_THAT(with_entry("F32", "[4611686018427387904,4]", "[0,8]"), Catch::Contains("overflows"));
  CHECK_THAT(with_entry("F32", "[18446744073709551615]", "[0,8]"), Catch::Contains("18446744073709551615"));
  CHECK_THAT(with_entry("F32", "[3]", "[0,8]"), Catch::Contains("needs 12 bytes, but data_offsets span 8"));
  CHECK_THAT(with_entry("F32", "[2]", "[8,0]"), Catch::Contains("data_offsets must be"));
  CHECK_THAT(with_entry("F32", "[2]", "[0,8,16]"), Catch::Contains("data_offsets must be"));
}

TEST_CASE("safetensors data with overlaps and holes and wrong size is refused") {
  const std::string first = entry("a", "F32", "[2]", "[0,8]");
  const auto with_second = [&](const char* offsets, std::size_t num_bytes) {
    return complaint(with_header("{" + first + "," + entry("b", "F32", "[2]", offsets) + "}", num_bytes));
  };
  CHECK_THAT(with_second("[4,12]", 12), Catch::Contains("tensor 'b': its data overlaps"));
  CHECK_THAT(with_second("[12,20]", 20), Catch::Contains("4 bytes before its data belong to no tensor"));
  CHECK_THAT(with_second("[8,16]", 15), Catch::Contains("need 16 bytes, but only 15"));
  CHECK_THAT(with_second("[8,16]", 17), Catch::Contains("1 bytes after the last tensor"));
}

TEST_CASE("a Git LFS pointer and a web page are recognised") {
  CHECK_THAT(complaint("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
             Catch::Contains("Git LFS pointer"));
  CHECK_THAT(complaint("\n<!DOCTYPE html><html>"), Catch::Contains("web page"));
}

TEST_CASE("a truncated safetensors file is refused at every length") {
  const TemporaryDirectory directory;
  const std::string whole = testing::read_file(fixture("formats/types.safetensors"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto path = directory.write("m.safetensors", whole.substr(0, size));
    CHECK_THROWS_AS(SafetensorsFile(path), Error);
  }
}

}  // namespace llmtool
