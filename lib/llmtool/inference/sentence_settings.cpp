#include "llmtool/inference/sentence_settings.h"

#include <array>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/inference/module_list.h"
#include "llmtool/inference/transformer_settings.h"
#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr auto kWidthRange = in_range<std::int64_t>(1, 1 << 24);
constexpr const char* kOwnModelType = "SentenceTransformer";
constexpr std::array kConsequentialKeys{"model_type", "default_prompt_name", "truncate_dim"};

std::vector<std::pair<std::string, std::string>> read_prompts(const ConfigReader& reader, const Json& document) {
  std::vector<std::pair<std::string, std::string>> prompts;
  const Json stored = document.value("prompts", Json());
  if (stored.is_null()) return prompts;
  if (!stored.is_object()) reader.fail("prompts", "must be an object of names and texts");
  for (const auto& [name, text] : stored.items()) {
    if (!text.is_null() && !text.is_string())
      reader.fail("prompts", "must hold texts, which that of " + quote(name) + " is not");
    prompts.emplace_back(name, text.is_null() ? "" : text.get<std::string>());
  }
  return prompts;
}

}  // namespace

std::vector<std::string> SentenceSettings::prompt_names() const {
  std::vector<std::string> names;
  for (const auto& [name, text] : prompts) names.push_back(name);
  return names;
}

std::optional<std::string> SentenceSettings::prompt(std::string_view name) const {
  for (const auto& [candidate, text] : prompts)
    if (candidate == name) return text;
  return std::nullopt;
}

SentenceSettings read_sentence_settings(const fs::path& model_directory) {
  SentenceSettings settings;
  const std::string file = (model_directory / kSentenceSettingsFile).string();
  if (!path_exists(file)) return settings;
  settings.document = read_json_file(file, ExitCode::kModel);
  const ConfigReader reader(settings.document, file);
  reader.require_text("model_type", kOwnModelType);
  settings.prompts = read_prompts(reader, settings.document);
  settings.truncate_dim = reader.optional_integer("truncate_dim", kWidthRange);
  const std::string name = reader.text("default_prompt_name", "");
  if (name.empty()) return settings;
  // The library knows these two, empty, also where they are not written.
  if (!settings.prompt(name) && name != "query" && name != "document")
    reader.fail("default_prompt_name", "is " + quote(name) + ", which is no prompt; the prompts are " +
                                           listed(settings.prompt_names(), quote));
  settings.default_prompt = name;
  return settings;
}

SentenceSettings read_named_prompts(const fs::path& model_directory) {
  SentenceSettings settings;
  const std::string file = (model_directory / kSentenceSettingsFile).string();
  if (!path_exists(file)) return settings;
  settings.document = read_json_file(file, ExitCode::kModel);
  settings.prompts = read_prompts(ConfigReader(settings.document, file), settings.document);
  for (const std::string& key : consequential_sentence_settings(settings.document)) settings.document.erase(key);
  return settings;
}

std::vector<std::string> consequential_sentence_settings(const Json& document) {
  std::vector<std::string> keys;
  for (const char* key : kConsequentialKeys) {
    const Json value = document.value(key, Json());
    if (!value.is_null() && value != "" && value != kOwnModelType) keys.emplace_back(key);
  }
  return keys;
}

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
