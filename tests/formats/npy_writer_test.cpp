#include <catch2/catch.hpp>
#include <cstring>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/formats/row_writer.h"

namespace llmtool {
namespace {

RowValues row_of(const std::vector<float>& numbers) { return {{"text", "a"}, {"vector", numbers}}; }

TEST_CASE("A matrix is written as numpy.save writes it") {
  const testing::TemporaryDirectory directory;
  const auto writer = create_npy_rows((directory / "m.npy").string(), "vector");
  writer->write(row_of({1.0F, -2.5F, 3.0F}));
  writer->write(row_of({4.0F, 5.0F, 0.1F}));
  CHECK_FALSE(std::filesystem::exists(directory / "m.npy"));
  writer->commit();
  const std::string bytes = testing::read_file(directory / "m.npy");
  REQUIRE(bytes.size() == 128 + 6 * sizeof(float));
  CHECK(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  CHECK(bytes.substr(8, 2) == std::string("\x76\x00", 2));  // 118 = 128 - 10
  CHECK(bytes.substr(10, 60) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ");
  CHECK(bytes[127] == '\n');
  float last = 0.0F;
  std::memcpy(&last, bytes.data() + bytes.size() - sizeof(float), sizeof(float));
  CHECK(last == 0.1F);
}

TEST_CASE("Rows of other lengths and rows without the column are refused, and nothing is left behind") {
  const testing::TemporaryDirectory directory;
  {
    const auto writer = create_npy_rows((directory / "m.npy").string(), "vector");
    writer->write(row_of({1.0F, 2.0F}));
    CHECK_THROWS_WITH(writer->write(row_of({1.0F})), Catch::Contains("row 2 has 1 numbers, the first has 2"));
    CHECK_THROWS_AS(writer->write(RowValues{{"text", "a"}}), DataError);
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}

}  // namespace
}  // namespace llmtool
