// Weights and rows.

#include <catch2/catch.hpp>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "../formats/gzip_text.h"
#include "../support/temporary_directory.h"
#include "attempt.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/formats/tensor_source.h"
#include "llmtool/formats/torch_file.h"

namespace llmtool::testing {
namespace {

std::vector<std::string> contents_of(const std::vector<std::string>& names) {
  std::vector<std::string> contents;
  for (const std::string& name : names) contents.push_back(read_file(fixture("formats/" + name)));
  return contents;
}

// Reads every byte of every tensor.
void read_all(const TensorSource& source) {
  for (const std::string& name : source.names()) {
    const TensorView* tensor = source.find(name);
    REQUIRE(tensor != nullptr);
    const std::string copy(tensor->bytes);
    if (copy.size() != tensor->bytes.size()) throw std::logic_error("a tensor whose bytes cannot be copied");
  }
}

// A safetensors file with a damaged header that is still JSON.
std::string with_damaged_header(const std::string& file, Mutation& mutation) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof(length));
  std::string header = mutation.json(file.substr(sizeof(length), length));
  if (mutation.below(4) != 0) header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t new_length = header.size();
  std::string content(sizeof(new_length), '\0');
  std::memcpy(content.data(), &new_length, sizeof(new_length));
  return content + header + file.substr(sizeof(length) + length);
}

TEST_CASE("Damaged safetensors files are refused or read") {
  const auto seeds = contents_of({"types.safetensors", "no_metadata.safetensors"});
  const TemporaryDirectory folder;
  try_damage("safetensors", 1500, [&](Mutation& mutation) {
    const std::string& seed = mutation.any_of(seeds);
    const std::string content =
        mutation.below(2) == 0 ? mutation.bytes(seed, mutation.any_of(seeds)) : with_damaged_header(seed, mutation);
    const auto path = folder.write("model.safetensors", content);
    return [path] { read_all(SafetensorsFile(path)); };
  });
}

TEST_CASE("Damaged files of torch.save are refused or read") {
  const auto seeds = contents_of({"state_dict.bin", "types.bin", "nested.bin", "protocol4.bin", "zip64.bin",
                                  "expanded.bin", "compressed.bin", "hostile_system.bin", "hostile_eval.bin",
                                  "legacy.bin", "legacy_types.bin", "nested_model.bin", "with_attributes.bin"});
  const TemporaryDirectory folder;
  try_damage("torch file", 2500, [&](Mutation& mutation) {
    const auto path = folder.write("pytorch_model.bin", mutation.bytes(mutation.any_of(seeds), mutation.any_of(seeds)));
    return [path] { read_all(TorchFile(path)); };
  });
}

TEST_CASE("Damaged indexes of shards are refused or read") {
  struct Seed {
    std::string folder, index;
  };
  const std::vector<Seed> seeds{{"sharded_safetensors", "model.safetensors.index.json"},
                                {"sharded_bin", "pytorch_model.bin.index.json"}};
  const TemporaryDirectory folder;
  for (const Seed& seed : seeds)
    std::filesystem::copy(fixture("formats/" + seed.folder), folder / seed.folder,
                          std::filesystem::copy_options::recursive);
  try_damage("sharded index", 600, [&](Mutation& mutation) {
    const Seed& seed = mutation.any_of(seeds);
    const std::string index = read_file(fixture("formats/" + seed.folder + "/" + seed.index));
    folder.write(seed.folder + "/" + seed.index,
                 mutation.below(2) == 0 ? mutation.json(index) : mutation.bytes(index, index));
    const auto path = folder / seed.folder;
    return [path] { read_all(*open_checkpoint(path)); };
  });
}

// Reads all rows, or, with `keeps_going`, those that are not bad.
void read_rows(const std::string& content, FileFormat format, bool keeps_going, bool header) {
  ReadOptions options;
  options.format = format;
  options.header = header;
  std::size_t num_bad = 0;
  if (keeps_going)
    options.on_bad_row = [&](const RowError& error) {
      if (error.reason.empty() || error.reason.size() > 2000) throw std::logic_error("a reason that is empty or long");
      ++num_bad;
    };
  const auto reader = open_rows(bytes_from_memory(content, "rows"), options);
  Row row;
  while (reader->next(row)) row.values();
}

TEST_CASE("Damaged tables and texts are refused or read") {
  struct Seed {
    FileFormat format;
    std::string content;
  };
  const std::vector<Seed> seeds{
      {FileFormat::kCsv, "text,label,note\n\"a film, \"\"good\"\"\",good,\n\"two\nlines\",bad,x\r\nplain,bad,é€😀\n"},
      {FileFormat::kCsv, read_file(fixture("formats/all_quoted.csv"))},
      {FileFormat::kTsv, "text\tlabel\na \"film\"\tgood\n\tbad\r\nend\tgood"},
      {FileFormat::kJsonl,
       "{\"text\": \"a film\", \"label\": 1, \"more\": {\"a\": [1, 2.5, null, true]}}\n\n{\"label\": \"bad\", "
       "\"text\": \"\\u00e9\"}\n"},
      {FileFormat::kText, "one line\n\nanother, é€😀\r\nlast"}};
  try_damage("rows", 6000, [&](Mutation& mutation) {
    const Seed& seed = mutation.any_of(seeds);
    std::string content = mutation.bytes(seed.content, mutation.any_of(seeds).content);
    if (mutation.below(3) == 0) content = gzip_text(content);
    if (mutation.below(6) == 0) content = mutation.bytes(content, content);
    const bool keeps_going = mutation.below(2) == 0;
    const bool header = mutation.below(3) != 0;
    return [=, format = seed.format] { read_rows(content, format, keeps_going, header); };
  });
}

}  // namespace
}  // namespace llmtool::testing
