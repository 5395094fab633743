#pragma once

#include <cstdint>
#include <filesystem>

#include "llmtool/core/events.h"
#include "llmtool/data/corpus.h"

namespace llmtool {

// Tokenises the documents of `request` into the folder `directory`, which appears whole or not at all, in memory that
// does not depend on their number. Throws as open_corpus().
void build_corpus(const CorpusRequest& request, const Tokenizer& tokenizer, const std::filesystem::path& directory,
                  std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
