#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace llmtool {

// CRC-32C (Castagnoli), as in RFC 3720 appendix B.4.
std::uint32_t crc32c(std::string_view bytes);

// The name under which TensorBoard finds the file: events.out.tfevents.<seconds>.<host>.<process>.0
std::string event_file_name(std::int64_t seconds_since_epoch, std::string_view host, std::int64_t process);

// Appends scalar summaries to a TensorBoard event file (TFRecord framing, tensorflow/core/util/event.proto).
// All members throw ResourceError.
class EventFileWriter {
 public:
  // Creates the file. Times are seconds since 1970.
  EventFileWriter(const std::filesystem::path& path, double wall_time);
  ~EventFileWriter();
  EventFileWriter(const EventFileWriter&) = delete;
  EventFileWriter& operator=(const EventFileWriter&) = delete;

  void add_scalar(std::string_view tag, double value, std::int64_t step, double wall_time);
  // What was added can be seen by TensorBoard.
  void flush();

 private:
  void write_record(std::string_view record);

  std::filesystem::path path_;
  std::FILE* stream_ = nullptr;
};

}  // namespace llmtool
