#pragma once

#include "llmtool/formats/delimited_reader.h"

namespace llmtool {

// Fields separated by tabs, without any quoting: a quote stands for itself, a field cannot contain tabs or line ends.
class TsvReader : public DelimitedReader {
 public:
  TsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  void split(Row& row) override;
  std::string advice() const override;
};

}  // namespace llmtool
