#include "llmtool/formats/torch_file.h"

#include "golden_tensors.h"
#include "llmtool/core/random.h"
#include "llmtool/formats/safetensors.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::fixture;
using testing::message_of;
using testing::TemporaryDirectory;

std::string complaint(const std::filesystem::path& path) {
  const std::string message = message_of([&] { TorchFile{path}; }, ExitCode::kModel);
  CHECK_THAT(message, Catch::StartsWith(path.string()));
  return message;
}

std::string complaint_about(const std::string& name) { return complaint(fixture("formats/" + name)); }

// Replaces text in a fixture by another of the same length.
std::string complaint_after(const std::string& name, const std::string& from, const std::string& to) {
  const TemporaryDirectory directory;
  std::string content = testing::read_file(fixture("formats/" + name));
  REQUIRE(from.size() == to.size());
  REQUIRE(content.find(from) != std::string::npos);
  content.replace(content.find(from), from.size(), to);
  return complaint(directory.write("m.bin", content));
}

// One to three random changes: a byte set, a bit flipped, the end cut off, a part repeated.
std::string mutated(std::string content, const CounterRandom& random) {
  std::uint64_t draw = 0;
  const auto below = [&](std::uint64_t bound) { return random.below(bound, draw++); };
  for (std::uint64_t change = 1 + below(3); change > 0 && !content.empty(); --change) {
    const std::size_t place = below(content.size());
    switch (below(8)) {
      case 0:
        content.resize(place);
        break;
      case 1:
        content.insert(place, content.substr(below(content.size()), below(64)));
        break;
      case 2:
      case 3:
        content[place] = static_cast<char>(content[place] ^ 1 << below(8));
        break;
      default:
        content[place] = static_cast<char>(below(256));
    }
  }
  return content;
}

// Opens mutations of a file: each is read or refused with an Error, and every byte of every tensor can be touched.
template <class File>
void fuzz(const std::string& name, int num_rounds) {
  const TemporaryDirectory directory;
  const std::string original = testing::read_file(fixture("formats/" + name));
  int num_refused = 0;
  unsigned sum = 0;
  for (int round = 0; round < num_rounds; ++round) {
    const auto path = directory.write("m", mutated(original, CounterRandom(7, static_cast<std::uint64_t>(round))));
    try {
      const File file(path);
      for (const std::string& tensor : file.names())
        for (const char byte : file.find(tensor)->bytes) sum += static_cast<unsigned char>(byte);
    } catch (const Error&) {
      ++num_refused;
    }
  }
  INFO("sum " << sum);
  CHECK(num_refused > num_rounds / 20);
}

}  // namespace

TEST_CASE("pytorch weights of every type are read as torch saved them") {
  const TorchFile file(fixture("formats/types.bin"));
  testing::check_equals_golden(file, "types_bin.json");
  CHECK(file.metadata().empty());
}

TEST_CASE("a state dict with attributes and zip64 fields is read") {
  testing::check_equals_golden(TorchFile(fixture("formats/state_dict.bin")), "state_dict.json");
  testing::check_equals_golden(TorchFile(fixture("formats/zip64.bin")), "state_dict.json");
}

TEST_CASE("tensors that share a storage share its bytes") {
  const TorchFile file(fixture("formats/types.bin"));
  CHECK(file.find("shared.part")->bytes.data() == file.find("shared.whole")->bytes.data() + 6 * sizeof(float));
}

TEST_CASE("a pickle that names a function is refused with the name") {
  CHECK_THAT(complaint_about("hostile_system.bin"), Catch::Contains("'posix.system'") && Catch::Contains("refused"));
  CHECK_THAT(complaint_about("hostile_eval.bin"), Catch::Contains(".eval'"));
}

TEST_CASE("files that are no flat dictionary of tensors are refused") {
  CHECK_THAT(complaint_about("nested_elsewhere.bin"),
             Catch::Contains("entry 'weights' is no tensor") && Catch::Contains("under 'state_dict'"));
  CHECK_THAT(complaint_about("nested_twice.bin"), Catch::Contains("under several keys, 'model', 'state_dict'"));
  CHECK_THAT(complaint_about("expanded.bin"), Catch::Contains("tensor 'expanded'"));
}

TEST_CASE("files of torch.save before the zip are read as torch reads them") {
  testing::check_equals_golden(TorchFile(fixture("formats/legacy.bin")), "state_dict.json");
  testing::check_equals_golden(TorchFile(fixture("formats/legacy_types.bin")), "types_bin.json");
}

TEST_CASE("weights under the keys of a training's checkpoint are read") {
  const std::string name = GENERATE(as<std::string>{}, "nested.bin", "nested_model.bin", "nested_deeply.bin");
  CAPTURE(name);
  testing::check_equals_golden(TorchFile(fixture("formats/" + name)), "state_dict.json");
}

TEST_CASE("parameters and tensors with attributes of their own are read for their values") {
  testing::check_equals_golden(TorchFile(fixture("formats/with_attributes.bin")), "with_attributes.json");
  CHECK_THAT(complaint_about("hostile_attribute.bin"), Catch::Contains("'posix.system'"));
}

TEST_CASE("files of torch.save before the zip are refused when they are damaged") {
  CHECK_THAT(complaint_after("legacy.bin", "FloatStorage", "DoubleStorag"), Catch::Contains("'torch.DoubleStorag'"));
  const TemporaryDirectory directory;
  const std::string content = testing::read_file(fixture("formats/legacy.bin"));
  CHECK_THAT(complaint(directory.write("cut.bin", content.substr(0, content.size() - 1))),
             Catch::Contains("ends early"));
  CHECK_THAT(complaint(directory.write("magic.bin", content.substr(0, 15))), Catch::Contains("ends early"));
}

TEST_CASE("a pickle that would take memory without end is refused with the limit") {
  const std::string start("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const TemporaryDirectory directory;
  const std::string many = start + "\x80\x02" + std::string(5'000'000, ')');
  CHECK_THAT(complaint(directory.write("many.bin", many)), Catch::Contains("more than 4000000 instructions"));
}

TEST_CASE("foreign files say what is wrong with them") {
  CHECK_THAT(complaint_about("protocol4.bin"), Catch::Contains("protocol 2"));
  CHECK_THAT(complaint_about("compressed.bin"), Catch::Contains("is compressed"));
  CHECK_THAT(complaint_about("types.safetensors"), Catch::Contains("not a file that torch.save writes"));
}

TEST_CASE("inconsistent torch files are refused") {
  CHECK_THAT(complaint_after("state_dict.bin", "FloatStorage", "DoubleStorag"),
             Catch::Contains("'torch.DoubleStorag'"));
  CHECK_THAT(complaint_after("state_dict.bin", "little", "bigbig"), Catch::Contains("byte order"));
  CHECK_THAT(complaint_after("state_dict.bin", "_rebuild_tensor_v2", "_rebuild_tensor_v9"),
             Catch::Contains("torch._utils._rebuild_tensor_v9"));
  CHECK_THAT(complaint_after("state_dict.bin", "state_dict/data/1", "state_dict/data/x"), Catch::Contains("two names"));
}

TEST_CASE("mutated torch files are read or refused and never crash") {
  fuzz<TorchFile>("state_dict.bin", 3000);
  fuzz<TorchFile>("zip64.bin", 1000);
  fuzz<TorchFile>("types.bin", 1000);
  fuzz<TorchFile>("legacy.bin", 2000);
  fuzz<TorchFile>("nested_deeply.bin", 500);
  fuzz<TorchFile>("hostile_system.bin", 1000);
}

TEST_CASE("mutated safetensors files are read or refused and never crash") {
  fuzz<SafetensorsFile>("types.safetensors", 3000);
}

}  // namespace llmtool
