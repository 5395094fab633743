#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "llmtool/core/json.h"
#include "llmtool/tokenizer/vocabulary.h"

namespace llmtool {

// A vocab.txt: a token a line, whose number is its id. Returns {token: id}. As the tokenizers library reads it
// (WordPiece::read_file), white space at the end of a line is none of the token's, and of a token that stands twice the
// last line counts. Throws ModelError.
Json read_vocabulary_lines(const std::filesystem::path& path);

// The same written; nothing when reading it would not give the same ids.
std::optional<std::string> vocabulary_lines(const Vocabulary& vocabulary);

}  // namespace llmtool
