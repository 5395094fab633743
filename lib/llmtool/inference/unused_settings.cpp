#include "llmtool/inference/unused_settings.h"

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/listed.h"
#include "llmtool/inference/module_list.h"
#include "llmtool/inference/sentence_settings.h"
#include "llmtool/inference/transformer_settings.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Adds a line for each file when it says something.
class UnusedFiles {
 public:
  explicit UnusedFiles(std::string reason) : reason_(std::move(reason)) {}

  void add_transformer_settings(const fs::path& folder, const fs::path& used) {
    for (const char* name : kTransformerSettingsFiles)
      if (folder / name != used)
        add(folder / name, [](const Json& document, const std::string& file) {
          return consequential_transformer_settings(document, file);
        });
  }
  void add_sentence_settings(const fs::path& folder) {
    add(folder / kSentenceSettingsFile,
        [](const Json& document, const std::string&) { return consequential_sentence_settings(document); });
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  template <class FindKeys>
  void add(const fs::path& path, const FindKeys& find_keys) {
    if (!path_exists(path)) return;
    const std::string file = path.string();
    const Json document = read_json_file(file, ExitCode::kModel);
    if (!document.is_object()) throw ModelError(file + ": expected an object of settings");
    const std::vector<std::string> keys = find_keys(document, file);
    if (!keys.empty())
      lines_.push_back(file + ": what it says of " + listed(keys, quote) + " counts for nothing " + reason_ +
                       ", as in sentence-transformers");
  }

  std::string reason_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> unused_settings(const fs::path& directory) {
  UnusedFiles files(std::string("without a ") + kModuleListFile);
  files.add_transformer_settings(directory, "");
  files.add_sentence_settings(directory);
  return files.take();
}

std::vector<std::string> unused_settings_beside_modules(const fs::path& directory, const fs::path& transformer,
                                                        const fs::path& used) {
  UnusedFiles files(used.empty() ? "there" : "beside " + used.string());
  files.add_transformer_settings(transformer, used);
  if (transformer == directory) return files.take();
  files.add_transformer_settings(directory, used);
  files.add_sentence_settings(transformer);
  return files.take();
}

}  // namespace llmtool
