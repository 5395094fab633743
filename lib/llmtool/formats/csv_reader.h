#pragma once

#include "llmtool/formats/delimited_reader.h"

namespace llmtool {

// CSV after RFC 4180, also with another delimiter than the comma (TableLayout); a field that starts with a quote ends
// with one, may contain delimiters and line breaks, and contains a quote as two. Spaces belong to fields. A quote
// inside a field that does not start with one stands for itself, as in other readers. After a row with broken quotes,
// reading goes on with the line after the one where the row starts.
class CsvReader : public DelimitedReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);
  std::optional<char> delimiter() const override { return delimiter_; }

 protected:
  void split(Row& row) override;
  std::string advice() const override;

 private:
  char find_delimiter(const ReadOptions& options);
  void split_quoted(Row& row);
  std::size_t add_quoted_field(Row& row, std::size_t begin);
  std::size_t find_quote(std::size_t begin, std::size_t opening_quote);

  char delimiter_;
  std::string field_;
};

}  // namespace llmtool
