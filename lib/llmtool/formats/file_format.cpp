#include "llmtool/formats/file_format.h"

#include <algorithm>
#include <cctype>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

constexpr std::array kExtensions{std::pair{std::string_view(".csv"), FileFormat::kCsv},
                                 std::pair{std::string_view(".tsv"), FileFormat::kTsv},
                                 std::pair{std::string_view(".jsonl"), FileFormat::kJsonl},
                                 std::pair{std::string_view(".ndjson"), FileFormat::kJsonl},
                                 std::pair{std::string_view(".txt"), FileFormat::kText},
                                 std::pair{std::string_view(".text"), FileFormat::kText}};

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return text;
}

std::string known_extensions() {
  std::string list;
  for (const auto& [extension, format] : kExtensions) list += std::string(extension) + ", ";
  return list + "each also with .gz";
}

[[noreturn]] void fail_unknown(const std::string& path, const std::string& name) {
  if (path == "-") throw DataError("a stream has no file name that tells its format; give it: csv, tsv, jsonl or text");
  if (is_folder(path)) throw ResourceError(path + " is a folder; name a file");
  std::string message = path + ": the format is not told by the file name; known extensions: " + known_extensions() +
                        "; otherwise give the format: csv, tsv, jsonl or text";
  if (name.ends_with(".json")) message += " (a file with one JSON object per line is jsonl)";
  throw DataError(message);
}

}  // namespace

FileFormat resolve_file_format(const std::string& path, FileFormat format) {
  if (format != FileFormat::kAuto) return format;
  std::string name = in_lower_case(path);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const auto& [extension, known] : kExtensions)
    if (name.ends_with(extension)) return known;
  fail_unknown(path, name);
}

}  // namespace llmtool
