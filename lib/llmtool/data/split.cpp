#include "llmtool/data/split.h"

#include <numeric>
#include <sstream>
#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/data/records.h"

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

}  // namespace

void throw_empty_part(const std::string& path, double share, const std::string& part, const std::string& unit,
                      const std::string& kept) {
  std::ostringstream text;
  text << path << ": a share of " << share << " for validation leaves no " << unit << " for " << part << " (" << kept
       << " stay together); choose another share, or give a validation file";
  throw DataError(text.str());
}

bool is_validation_text(std::string_view text, double share, std::uint64_t seed) {
  return static_cast<double>(stable_hash(text, seed) >> 11) * 0x1p-53 < share;
}

bool is_validation_record(const Record& record, double share, std::uint64_t seed) {
  return is_validation_text(hashed_text(record), share, seed);
}

TrainingAndValidation split_by_share(RecordFile file, double share, std::uint64_t seed) {
  TrainingAndValidation parts{{file.path, {}, 0, file.sha256}, {file.path, {}, 0, file.sha256}};
  for (Record& record : file.records) {
    RecordFile& part = is_validation_record(record, share, seed) ? parts.validation : parts.training;
    add_record(part, std::move(record));
  }
  if (parts.validation.records.empty()) throw_empty_part(file.path, share, "validation", "row", "equal texts");
  if (parts.training.records.empty()) throw_empty_part(file.path, share, "training", "row", "equal texts");
  return parts;
}

namespace {

bool is_validation_document(const Corpus& corpus, std::int64_t document, double share, std::uint64_t seed) {
  return is_validation_text(std::to_string(corpus.text_hash(document)), share, seed);
}

[[noreturn]] void throw_empty_part(const Corpus& corpus, double share, const char* part) {
  std::ostringstream text;
  text << "data.validation: a share of " << share << " of the " << corpus.num_documents()
       << " documents leaves none for " << part
       << " (equal documents stay together); choose another share, give a validation file, or say with data.document "
          "what a document is";
  throw DataError(text.str());
}

}  // namespace

std::vector<std::int64_t> all_documents(const Corpus& corpus) {
  std::vector<std::int64_t> documents(static_cast<std::size_t>(corpus.num_documents()));
  std::iota(documents.begin(), documents.end(), std::int64_t{0});
  return documents;
}

DocumentSplit split_documents(const Corpus& corpus, double share, std::uint64_t seed) {
  DocumentSplit split;
  for (std::int64_t document = 0; document < corpus.num_documents(); ++document) {
    const bool is_validation = is_validation_document(corpus, document, share, seed);
    (is_validation ? split.validation : split.training).push_back(document);
  }
  if (split.validation.empty()) throw_empty_part(corpus, share, "validation");
  if (split.training.empty()) throw_empty_part(corpus, share, "training");
  return split;
}

}  // namespace llmtool
