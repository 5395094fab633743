#include "llmtool/commands/model_files.h"

#include <algorithm>
#include <array>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/mapped_file.h"

namespace llmtool {

std::span<const std::string_view> side_file_names() {
  static constexpr std::array<std::string_view, 16> kNames{"tokenizer.json",
                                                           "tokenizer_config.json",
                                                           "special_tokens_map.json",
                                                           "added_tokens.json",
                                                           "vocab.txt",
                                                           "vocab.json",
                                                           "merges.txt",
                                                           "sentencepiece.bpe.model",
                                                           "spiece.model",
                                                           "spm.model",
                                                           "tokenizer.model",
                                                           "generation_config.json",
                                                           "modules.json",
                                                           "sentence_bert_config.json",
                                                           "config_sentence_transformers.json",
                                                           "1_Pooling/config.json"};
  return kNames;
}

void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to) {
  // In parts, each given back when it is written: weights would otherwise lie in memory once more.
  constexpr std::size_t kPartSize = 4 << 20;
  const MappedFile source(from);
  AtomicFile file(to);
  for (std::string_view rest = source.bytes(); !rest.empty(); rest.remove_prefix(std::min(kPartSize, rest.size()))) {
    file.write(rest.substr(0, kPartSize));
    source.release_pages();
  }
  file.commit();
}

void copy_side_files(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const std::string_view name : side_file_names()) {
    if (!path_exists(from / name)) continue;
    create_folders((to / name).parent_path());
    copy_file_atomically(from / name, to / name);
  }
}

}  // namespace llmtool
