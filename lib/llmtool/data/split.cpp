#include "llmtool/data/split.h"

#include <sstream>
#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/data/blank_text.h"

namespace llmtool {
namespace {

// The pair is told from one text that holds both by a byte that no UTF-8 text contains.
std::string hashed_text(const Record& record) {
  return record.has_pair ? record.text + '\xff' + record.text_pair : record.text;
}

void add_record(RecordFile& file, Record record) {
  file.num_empty_texts += has_blank_text(record);
  file.records.push_back(std::move(record));
}

[[noreturn]] void throw_empty_part(const RecordFile& file, double share, const char* part) {
  std::ostringstream text;
  text << file.path << ": a share of " << share << " for validation leaves no row for " << part
       << " (equal texts stay together); choose another share, or give a validation file";
  throw DataError(text.str());
}

}  // namespace

bool is_validation_record(const Record& record, double share, std::uint64_t seed) {
  return static_cast<double>(stable_hash(hashed_text(record), seed) >> 11) * 0x1p-53 < share;
}

TrainingAndValidation split_by_share(RecordFile file, double share, std::uint64_t seed) {
  TrainingAndValidation parts{{file.path, {}, 0, file.sha256}, {file.path, {}, 0, file.sha256}};
  for (Record& record : file.records) {
    RecordFile& part = is_validation_record(record, share, seed) ? parts.validation : parts.training;
    add_record(part, std::move(record));
  }
  if (parts.validation.records.empty()) throw_empty_part(file, share, "validation");
  if (parts.training.records.empty()) throw_empty_part(file, share, "training");
  return parts;
}

}  // namespace llmtool
