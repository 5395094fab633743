#include "llmtool/commands/tokenizer_files.h"

#include <array>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/mapped_file.h"

namespace llmtool {
namespace {

constexpr std::array kTokenizerFiles{"tokenizer.json",
                                     "tokenizer_config.json",
                                     "special_tokens_map.json",
                                     "added_tokens.json",
                                     "vocab.txt",
                                     "vocab.json",
                                     "merges.txt",
                                     "sentencepiece.bpe.model",
                                     "spiece.model",
                                     "tokenizer.model"};

}  // namespace

void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to) {
  write_file_atomically(to, MappedFile(from).bytes());
}

void copy_tokenizer_files(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const char* name : kTokenizerFiles)
    if (std::filesystem::exists(from / name)) copy_file_atomically(from / name, to / name);
}

}  // namespace llmtool
