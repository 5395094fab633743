#include "llmtool/formats/text_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// Signatures of files that people take for tables.
constexpr std::array kSignatures{
    std::pair{std::string_view("PK\x03\x04"),
              "a zip file or Excel workbook; save the sheet as CSV (UTF-8) or unpack it"},
    std::pair{std::string_view("\xd0\xcf\x11\xe0"), "an old Excel or Office file; save the sheet as CSV (UTF-8)"},
    std::pair{std::string_view("PAR1"), "a Parquet file; export it as CSV or JSONL"},
    std::pair{std::string_view("BZh"), "bzip2-compressed; decompress it with bunzip2, or use gzip"},
    std::pair{std::string_view("\xfd"
                               "7zXZ"),
              "xz-compressed; decompress it with unxz, or use gzip"},
    std::pair{std::string_view("\x28\xb5\x2f\xfd"), "zstd-compressed; decompress it with unzstd, or use gzip"}};

std::string how_to_convert(const std::string& name, const char* encoding) {
  return std::string("; convert it: iconv -f ") + encoding + " -t UTF-8 " + quote(name) + " > NEW_FILE";
}

}  // namespace

void require_text(std::string_view first_bytes, const std::string& name) {
  for (const auto& [signature, description] : kSignatures)
    if (first_bytes.starts_with(signature)) throw DataError(name + ": not a text file: it is " + description);
  if (first_bytes.starts_with("\xff\xfe") || first_bytes.starts_with("\xfe\xff"))
    throw DataError(name + ": the file is UTF-16 text (it starts with a UTF-16 byte order mark)" +
                    how_to_convert(name, "UTF-16"));
  const std::string_view sample = first_bytes.substr(0, 4096);
  const auto num_nul = static_cast<std::size_t>(std::count(sample.begin(), sample.end(), '\0'));
  // English text in UTF-16 is half NUL bytes; a stray NUL in a text file is an error of its row only.
  if (num_nul > sample.size() / 8)
    throw DataError(name + ": the file looks like UTF-16 text or binary data (it is full of NUL bytes)" +
                    how_to_convert(name, "UTF-16"));
}

}  // namespace llmtool
