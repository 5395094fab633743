#pragma once

#include <array>

namespace llmtool {

// The files of a corpus folder.
inline constexpr const char* kCorpusTokens = "tokens.bin";        // int32 little-endian
inline constexpr const char* kCorpusEntries = "documents.bin";    // Corpus::Entry
inline constexpr const char* kCorpusSentences = "sentences.bin";  // int64, ends in tokens.bin; empty without sentences
inline constexpr std::array kCorpusDataFiles{kCorpusTokens, kCorpusEntries, kCorpusSentences};
inline constexpr const char* kCorpusInfo = "corpus.json";  // counts, and the SHA-256 of the others

}  // namespace llmtool
