#include "llmtool/formats/row_writer.h"

#include <stdexcept>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/formats/delimited_writer.h"

namespace llmtool {
namespace {

class JsonlWriter : public BufferedRowWriter {
 public:
  using BufferedRowWriter::BufferedRowWriter;

 protected:
  void format(const RowValues& row, std::string& text) override {
    text += '{';
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      text += to_json_text(Json(row[i].first)) + ':';
      row[i].second.append_json(text);
    }
    text += "}\n";
  }
};

// One value a line.
class TextWriter : public BufferedRowWriter {
 public:
  using BufferedRowWriter::BufferedRowWriter;

 protected:
  void format(const RowValues& row, std::string& text) override {
    if (row.size() != 1)
      throw DataError(place() + "it has " + std::to_string(row.size()) +
                      " columns, but a text file holds one; write csv, tsv or jsonl");
    const std::string cell = row[0].second.cell();
    if (cell.find_first_of("\r\n") != std::string::npos)
      throw DataError(place() + "the text contains a line break; write csv or jsonl");
    text += cell + '\n';
  }
};

std::unique_ptr<RowWriter> make_writer(std::unique_ptr<ByteSink> sink, const std::string& name, FileFormat format,
                                       const WriteOptions& options) {
  switch (format) {
    case FileFormat::kCsv:
      return std::make_unique<CsvWriter>(std::move(sink), name, options);
    case FileFormat::kTsv:
      return std::make_unique<TsvWriter>(std::move(sink), name, options);
    case FileFormat::kJsonl:
      return std::make_unique<JsonlWriter>(std::move(sink), name);
    case FileFormat::kText:
      return std::make_unique<TextWriter>(std::move(sink), name);
    case FileFormat::kAuto:
      break;
  }
  throw std::invalid_argument("a stream needs a format");
}

}  // namespace

std::unique_ptr<RowWriter> create_rows(const std::string& path, const WriteOptions& options) {
  const FileFormat format = resolve_file_format(path, options.format);
  return make_writer(create_bytes(path), path, format, options);
}

std::unique_ptr<RowWriter> create_rows(std::FILE* stream, const std::string& name, const WriteOptions& options) {
  return make_writer(bytes_to_stream(stream, name), name, options.format, options);
}

}  // namespace llmtool
