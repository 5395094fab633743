#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "llmtool/core/json_fwd.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {

// Questions of a file in the JSON of SQuAD 1.1 or 2.0, a row each, in the columns that Hugging Face's data set `squad`
// has: id, title, context, question, and answers, {"text": […], "answer_start": […]} with starts in code points; both
// lists are empty for a question without an answer. Where the file has no answers, the cell is null.
// `plausible_answers` are not read. The file is held in memory; its rows have no line. Throws DataError, with the place
// of the question (data[0].paragraphs[3].qas[1]) and the id where it has one: no list "data", a member that is missing
// or of another type, a question that is_impossible and has answers; what is wrong with one question alone goes to
// on_bad_row where that is set.
class SquadReader : public RowReader {
 public:
  SquadReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);
  ~SquadReader() override;

  const ColumnNames& columns() const override { return *columns_; }
  bool next(Row& row) override;
  const std::string& name() const override { return source_->name(); }

 private:
  // Moves to the next question; false at the end.
  bool find_question();
  void read(const Json& article, const Json& paragraph, const Json& question, const std::string& place, Row& row) const;
  std::string place() const;

  std::unique_ptr<ByteSource> source_;
  std::function<void(const RowError&)> on_bad_row_;
  std::shared_ptr<const ColumnNames> columns_;
  std::unique_ptr<Json> articles_;
  std::size_t article_ = 0;
  std::size_t paragraph_ = 0;
  std::size_t question_ = 0;  // that comes next
};

}  // namespace llmtool
