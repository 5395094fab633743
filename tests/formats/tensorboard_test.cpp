#include "llmtool/formats/tensorboard.h"

#include "../support/temporary_directory.h"
#include "rows.h"

namespace llmtool {

TEST_CASE("CRC-32C agrees with the vectors of RFC 3720") {
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
}

TEST_CASE("events are written byte for byte as the tensorboard package writes them") {
  const testing::TemporaryDirectory directory;
  const auto path = directory / event_file_name(1700000000, "host", 42);
  CHECK(path.filename() == "events.out.tfevents.1700000000.host.42.0");
  EventFileWriter writer(path, 1700000000.25);
  writer.add_scalar("train/loss", 0.75, 1, 1700000001.5);
  writer.add_scalar("train/loss", 0.5, 300, 1700000001.5);
  writer.add_scalar("eval/macro_f1", 0.0, 0, 1700000001.5);
  writer.add_scalar("größe", -1e30, std::int64_t{1} << 40, 1700000001.5);
  writer.flush();
  CHECK(testing::read_file(path) == testing::read_file(testing::fixture("formats/events.tfevents")));
}

TEST_CASE("an event file that cannot be written is a resource error") {
  CHECK_THROWS_AS(EventFileWriter("/nonexistent/events", 0.0), ResourceError);
  EventFileWriter full("/dev/full", 0.0);
  CHECK_THROWS_AS(full.flush(), ResourceError);
}

}  // namespace llmtool
