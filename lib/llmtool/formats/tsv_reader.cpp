#include "llmtool/formats/tsv_reader.h"

#include <utility>

#include "llmtool/formats/split_fields.h"

namespace llmtool {

TsvReader::TsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : DelimitedReader(std::move(source), options) {
  const Delimiter delimiter = options.layout.delimiter;
  if (delimiter != Delimiter::kAuto && delimiter != Delimiter::kTab)
    throw DataError(name() + ": the format tsv has tabs between fields, but the delimiter asked for is " +
                    describe_delimiter(delimiter_character(delimiter)) + "; with another one the format is csv");
  read_columns(options.header);
}

void TsvReader::split(Row& row) { split_fields(lines_.text(), '\t', row); }

std::string TsvReader::advice() const { return "a field cannot contain tabs (use csv or jsonl for such texts)"; }

}  // namespace llmtool
