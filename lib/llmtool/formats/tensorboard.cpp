#include "llmtool/formats/tensorboard.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

constexpr std::uint32_t kReversedPolynomial = 0x82f63b78;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = remainder & 1 ? remainder >> 1 ^ kReversedPolynomial : remainder >> 1;
    table[byte] = remainder;
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const unsigned char byte : bytes) crc = kTable[(crc ^ byte) & 0xff] ^ crc >> 8;
  return ~crc;
}

namespace {

// Field numbers of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
constexpr int kEventWallTime = 1;
constexpr int kEventStep = 2;
constexpr int kEventFileVersion = 3;
constexpr int kEventSummary = 5;
constexpr int kSummaryValue = 1;
constexpr int kValueTag = 1;
constexpr int kValueSimpleValue = 2;

// Encodes the few kinds of fields needed (protobuf.dev, "Encoding").
class ProtobufMessage {
 public:
  void add_varint(int field, std::uint64_t value) {
    append_varint(static_cast<std::uint64_t>(field) << 3);
    append_varint(value);
  }
  void add_double(int field, double value) {
    append_varint(static_cast<std::uint64_t>(field) << 3 | 1);
    append_raw(&value, sizeof(value));
  }
  void add_bytes(int field, std::string_view value) {
    append_varint(static_cast<std::uint64_t>(field) << 3 | 2);
    append_varint(value.size());
    bytes_ += value;
  }
  void add_float(int field, float value) {
    append_varint(static_cast<std::uint64_t>(field) << 3 | 5);
    append_raw(&value, sizeof(value));
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void append_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  void append_raw(const void* value, std::size_t size) { bytes_.append(static_cast<const char*>(value), size); }

  std::string bytes_;
};

std::string little_endian(std::uint64_t number, int num_bytes) {
  std::string bytes;
  for (int i = 0; i < num_bytes; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

// TFRecord stores checksums rotated and shifted, because checksums of checksums are weak (tsl/lib/hash/crc32c.h).
std::string masked_checksum(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return little_endian((crc >> 15 | crc << 17) + 0xa282ead8U, 4);
}

}  // namespace

std::string event_file_name(std::int64_t seconds_since_epoch, std::string_view host, std::int64_t process) {
  return "events.out.tfevents." + std::to_string(seconds_since_epoch) + "." + std::string(host) + "." +
         std::to_string(process) + ".0";
}

EventFileWriter::EventFileWriter(const std::filesystem::path& path, double wall_time) : path_(path) {
  stream_ = std::fopen(path.c_str(), "wbe");
  if (stream_ == nullptr) throw ResourceError("cannot write " + path_.string() + ": " + std::strerror(errno));
  ProtobufMessage event;
  event.add_double(kEventWallTime, wall_time);
  event.add_bytes(kEventFileVersion, "brain.Event:2");
  write_record(event.bytes());
}

EventFileWriter::~EventFileWriter() { std::fclose(stream_); }

void EventFileWriter::add_scalar(std::string_view tag, double value, std::int64_t step, double wall_time) {
  ProtobufMessage scalar;
  scalar.add_bytes(kValueTag, tag);
  scalar.add_float(kValueSimpleValue, static_cast<float>(value));
  ProtobufMessage summary;
  summary.add_bytes(kSummaryValue, scalar.bytes());
  ProtobufMessage event;
  event.add_double(kEventWallTime, wall_time);
  // Protobuf leaves out a number that is zero.
  if (step != 0) event.add_varint(kEventStep, static_cast<std::uint64_t>(step));
  event.add_bytes(kEventSummary, summary.bytes());
  write_record(event.bytes());
}

// Length, its checksum, content, its checksum (tensorflow/core/lib/io/record_writer.h).
void EventFileWriter::write_record(std::string_view record) {
  const std::string length = little_endian(record.size(), 8);
  const std::string framed = length + masked_checksum(length) + std::string(record) + masked_checksum(record);
  if (std::fwrite(framed.data(), 1, framed.size(), stream_) != framed.size())
    throw ResourceError("cannot write " + path_.string() + ": " + std::strerror(errno));
}

void EventFileWriter::flush() {
  if (std::fflush(stream_) != 0) throw ResourceError("cannot write " + path_.string() + ": " + std::strerror(errno));
}

}  // namespace llmtool
