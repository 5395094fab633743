#include "llmtool/data/document_split.h"

#include <numeric>
#include <sstream>
#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"

namespace llmtool {
namespace {

bool is_validation_document(const Corpus& corpus, std::int64_t document, double share, std::uint64_t seed) {
  const std::string text = std::to_string(corpus.text_hash(document));
  return static_cast<double>(stable_hash(text, seed) >> 11) * 0x1p-53 < share;
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
