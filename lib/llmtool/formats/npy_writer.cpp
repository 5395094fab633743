#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/formats/row_writer.h"

namespace llmtool {
namespace {

struct CloseFile {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using ScratchFile = std::unique_ptr<std::FILE, CloseFile>;

// numpy.lib.format: magic, version, length of the header, the header as a Python literal padded to 64 bytes.
std::string npy_header(std::int64_t num_rows, std::int64_t width) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(num_rows) + ", " +
                     std::to_string(width) + "), }";
  constexpr std::size_t kPreamble = 10;
  text.append(63 - (kPreamble + text.size()) % 64, ' ');
  text += '\n';
  const auto size = static_cast<std::uint16_t>(text.size());
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(size & 0xff) + static_cast<char>(size >> 8) + text;
}

// The number of rows stands before them, so they wait in a file without a name until it is known.
class NpyRows : public RowWriter {
 public:
  NpyRows(const std::string& path, std::string column)
      : path_(path), file_(path), column_(std::move(column)), rows_(std::tmpfile()) {
    if (!rows_) fail("cannot create a temporary file");
  }

  void write(const RowValues& row) override {
    const auto found = std::find_if(row.begin(), row.end(), [&](const auto& value) { return value.first == column_; });
    if (found == row.end()) throw DataError(path_ + ": a row without " + quote(column_));
    const auto numbers = found->second.json().get<std::vector<float>>();
    if (num_rows_ == 0) width_ = numbers.size();
    if (numbers.size() != width_)
      throw DataError(path_ + ": row " + std::to_string(num_rows_ + 1) + " has " + std::to_string(numbers.size()) +
                      " numbers, the first has " + std::to_string(width_));
    if (std::fwrite(numbers.data(), sizeof(float), width_, rows_.get()) != width_) fail("cannot write");
    ++num_rows_;
  }

  void flush() override {}

  void commit() override {
    file_.write(npy_header(num_rows_, static_cast<std::int64_t>(width_)));
    std::rewind(rows_.get());
    std::vector<char> buffer(std::size_t{1} << 16);
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), rows_.get()))
      file_.write(buffer.data(), size);
    if (std::ferror(rows_.get()) != 0) fail("cannot read back what was written");
    file_.commit();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ResourceError(path_ + ": " + what + ": " + std::strerror(errno));
  }

  std::string path_;
  AtomicFile file_;
  std::string column_;
  ScratchFile rows_;
  std::size_t width_ = 0;
  std::int64_t num_rows_ = 0;
};

}  // namespace

std::unique_ptr<RowWriter> create_npy_rows(const std::string& path, const std::string& column) {
  return std::make_unique<NpyRows>(path, column);
}

}  // namespace llmtool
