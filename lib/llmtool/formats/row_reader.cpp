#include "llmtool/formats/row_reader.h"

#include <stdexcept>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/formats/delimited_reader.h"
#include "llmtool/formats/line_row_reader.h"
#include "llmtool/formats/squad_reader.h"

namespace llmtool {

std::unique_ptr<RowReader> open_rows(const std::string& path, const ReadOptions& options) {
  // Before waiting for the stream's first bytes.
  if (path == "-") resolve_file_format(path, options.format);
  return open_rows(open_bytes(path), options);
}

std::unique_ptr<RowReader> open_rows(std::unique_ptr<ByteSource> source, const ReadOptions& options) {
  switch (resolve_file_format(source->name(), options.format)) {
    case FileFormat::kCsv:
      return std::make_unique<CsvReader>(std::move(source), options);
    case FileFormat::kTsv:
      return std::make_unique<TsvReader>(std::move(source), options);
    case FileFormat::kJsonl:
      return std::make_unique<JsonlReader>(std::move(source), options);
    case FileFormat::kText:
      return std::make_unique<TextReader>(std::move(source), options);
    case FileFormat::kConll:
      throw DataError(source->name() +
                      ": CoNLL columns hold words with tags, which only token classification reads; use csv, tsv, "
                      "jsonl or text");
    case FileFormat::kSquad:
      return std::make_unique<SquadReader>(std::move(source), options);
    case FileFormat::kAuto:
      break;
  }
  throw std::logic_error("unresolved file format");
}

}  // namespace llmtool
