#include "llmtool/formats/zip_archive.h"

#include <algorithm>
#include <cstdint>

#include "llmtool/formats/byte_cursor.h"

namespace llmtool {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralEntry = 0x02014b50;
constexpr std::uint32_t kZip64End = 0x06064b50;
constexpr std::uint32_t kZip64Locator = 0x07064b50;
constexpr std::string_view kEndSignature = "PK\x05\x06";
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kZip64LocatorSize = 20;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint32_t kInZip64 = 0xffffffff;

struct Directory {
  std::uint64_t num_entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

struct Entry {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t stored_size = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  // of the local header
  std::string name;
};

class ZipReader {
 public:
  ZipReader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::map<std::string, std::string_view> read() const {
    const Directory directory = find_directory();
    if (directory.offset > bytes_.size() || directory.size > bytes_.size() - directory.offset)
      fail("the directory lies outside of the file");
    ByteCursor cursor(bytes_.substr(0, directory.offset + directory.size), directory.offset, file_);
    std::map<std::string, std::string_view> contents;
    for (std::uint64_t i = 0; i < directory.num_entries; ++i) {
      const Entry entry = read_entry(cursor);
      if (!contents.emplace(entry.name, content_of(entry, directory.offset)).second)
        fail("two entries are named " + quote(entry.name));
    }
    if (cursor.position() != directory.offset + directory.size) fail("the directory has another size than it says");
    return contents;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ModelError(file_ + ": damaged zip: " + message); }
  ByteCursor cursor_at(std::uint64_t position) const { return {bytes_, position, file_}; }

  std::size_t find_end() const {
    const std::size_t lowest =
        bytes_.size() > kEndSize + kLongestComment ? bytes_.size() - kEndSize - kLongestComment : 0;
    std::size_t found = bytes_.rfind(kEndSignature);
    while (found != std::string_view::npos && found >= lowest) {
      const bool fits =
          bytes_.size() - found >= kEndSize && cursor_at(found + 20).u16() == bytes_.size() - found - kEndSize;
      if (fits) return found;
      if (found == 0) break;
      found = bytes_.rfind(kEndSignature, found - 1);
    }
    fail("no end record; the file is incomplete, fetch it again");
  }

  Directory find_directory() const {
    const std::size_t end = find_end();
    ByteCursor cursor = cursor_at(end + 4);
    if (cursor.u32() != 0) fail("it is split over several disks");
    Directory directory;
    const std::uint16_t num_here = cursor.u16();
    directory.num_entries = cursor.u16();
    directory.size = cursor.u32();
    directory.offset = cursor.u32();
    if (num_here != directory.num_entries) fail("it is split over several disks");
    const bool has_zip64 = end >= kZip64LocatorSize && cursor_at(end - kZip64LocatorSize).u32() == kZip64Locator;
    return has_zip64 ? zip64_directory(end - kZip64LocatorSize) : directory;
  }

  Directory zip64_directory(std::size_t locator) const {
    ByteCursor cursor = cursor_at(cursor_at(locator + 8).u64());
    if (cursor.u32() != kZip64End) fail("no zip64 end record where the locator points");
    cursor.take(20);  // size of the record, versions, disks
    Directory directory;
    const std::uint64_t num_here = cursor.u64();
    directory.num_entries = cursor.u64();
    directory.size = cursor.u64();
    directory.offset = cursor.u64();
    if (num_here != directory.num_entries) fail("it is split over several disks");
    return directory;
  }

  Entry read_entry(ByteCursor& cursor) const {
    if (cursor.u32() != kCentralEntry) fail("a directory entry has no signature");
    cursor.take(4);  // versions
    Entry entry;
    entry.flags = cursor.u16();
    entry.method = cursor.u16();
    cursor.take(8);  // time, date, checksum
    entry.stored_size = cursor.u32();
    entry.size = cursor.u32();
    const std::uint16_t name_size = cursor.u16();
    const std::uint16_t extra_size = cursor.u16();
    const std::uint16_t comment_size = cursor.u16();
    cursor.take(8);  // disk, attributes
    entry.offset = cursor.u32();
    entry.name = cursor.take(name_size);
    read_zip64_extra(cursor.take(extra_size), entry);
    cursor.take(comment_size);
    return entry;
  }

  // The extra field holds those of size, stored size and offset that did not fit 32 bits, in this order.
  void read_zip64_extra(std::string_view extra, Entry& entry) const {
    ByteCursor cursor(extra, 0, file_);
    while (cursor.position() + 4 <= extra.size()) {
      const std::uint16_t kind = cursor.u16();
      ByteCursor field(cursor.take(cursor.u16()), 0, file_);
      if (kind != kZip64Extra) continue;
      for (std::uint64_t* number : {&entry.size, &entry.stored_size, &entry.offset})
        if (*number == kInZip64) *number = field.u64();
      return;
    }
  }

  std::string_view content_of(const Entry& entry, std::uint64_t directory_offset) const {
    if (entry.flags & 1) fail("entry " + quote(entry.name) + " is encrypted");
    if (entry.method != 0)
      throw ModelError(file_ + ": entry " + quote(entry.name) +
                       " is compressed, which torch.save never does; save the weights again with torch.save");
    if (entry.stored_size != entry.size) fail("entry " + quote(entry.name) + " has two sizes");
    ByteCursor cursor = cursor_at(entry.offset);
    if (cursor.u32() != kLocalHeader) fail("entry " + quote(entry.name) + " is not where the directory says");
    cursor.take(22);
    const std::uint16_t name_size = cursor.u16();
    const std::uint16_t extra_size = cursor.u16();
    if (cursor.take(name_size) != entry.name) fail("entry " + quote(entry.name) + " has two names");
    cursor.take(extra_size);
    const std::string_view content = cursor.take(entry.size);
    if (cursor.position() > directory_offset) fail("entry " + quote(entry.name) + " reaches into the directory");
    return content;
  }

  std::string_view bytes_;
  const std::string& file_;
};

}  // namespace

std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& file) {
  return ZipReader(bytes, file).read();
}

}  // namespace llmtool
