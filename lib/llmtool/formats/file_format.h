#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// How rows stand in a file. kAuto: told by the extension.
enum class FileFormat { kAuto, kCsv, kTsv, kJsonl, kText };

template <>
struct EnumNames<FileFormat> {
  static constexpr std::array kNames{
      std::pair{FileFormat::kAuto, std::string_view("auto")}, std::pair{FileFormat::kCsv, std::string_view("csv")},
      std::pair{FileFormat::kTsv, std::string_view("tsv")}, std::pair{FileFormat::kJsonl, std::string_view("jsonl")},
      std::pair{FileFormat::kText, std::string_view("text")}};
};

// `format` itself, or for kAuto the one the extension of `path` tells (.csv .tsv .jsonl .ndjson .txt .text, each also
// with .gz). Never returns kAuto. Throws DataError for any other extension and for "-" (a stream has none).
FileFormat resolve_file_format(const std::string& path, FileFormat format);

}  // namespace llmtool
