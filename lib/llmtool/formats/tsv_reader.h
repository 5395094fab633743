#pragma once

#include "llmtool/formats/delimited_reader.h"

namespace llmtool {

// Fields separated by tabs, without any quoting: a quote stands for itself, a field cannot contain tabs or line ends.
class TsvReader : public DelimitedReader {
 public:
  // Throws DataError when the options name another delimiter.
  TsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);
  std::optional<char> delimiter() const override { return '\t'; }

 protected:
  void split(Row& row) override;
  std::string advice() const override;
};

}  // namespace llmtool
