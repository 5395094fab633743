#include "llmtool/inference/model_files.h"

#include <array>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/inference/module_list.h"
#include "llmtool/inference/sentence_settings.h"
#include "llmtool/inference/transformer_settings.h"

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

void copy_side_files(const std::filesystem::path& from, const std::filesystem::path& to) {
  for (const std::string_view name : side_file_names()) {
    if (!path_exists(from / name)) continue;
    create_folders((to / name).parent_path());
    copy_file_atomically(from / name, to / name);
  }
}

namespace {

namespace fs = std::filesystem;

void copy_if_there(const fs::path& from, const fs::path& to) {
  if (!regular_file_size(from)) return;
  create_folders(to.parent_path());
  copy_file_atomically(from, to);
}

// A module without settings has no folder in a copy that git or a download made.
void copy_folder(const fs::path& from, const fs::path& to) {
  if (!is_folder(from)) return;
  for (const fs::path& file : files_below(from)) copy_if_there(from / file, to / file);
}

// The Transformer lies in the model's own folder now.
void write_module_list(const fs::path& from, const fs::path& to) {
  Json list = read_json_file(from.string(), ExitCode::kModel);
  list[0]["path"] = "";
  write_file_atomically(to, to_json_text(list, 2) + "\n");
}

}  // namespace

void copy_module_folders(const fs::path& from, const fs::path& to) {
  for (const char* name : kTransformerSettingsFiles) copy_if_there(transformer_folder(from) / name, to / name);
  copy_if_there(from / kSentenceSettingsFile, to / kSentenceSettingsFile);
  const auto modules = read_module_list(from);
  if (!modules) return;
  for (const ModuleRow& module : *modules) {
    if (module.own_type().empty())
      throw ModelError((from / kModuleListFile).string() + ": the module " + quote(module.type) +
                       " is code of its own, which would be lost");
    if (module.own_type() != "Transformer") copy_folder(from / module.folder, to / module.folder);
  }
  write_module_list(from / kModuleListFile, to / kModuleListFile);
}

}  // namespace llmtool
