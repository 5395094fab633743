#include "llmtool/inference/sentence_settings.h"

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/listed.h"
#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr auto kWidthRange = in_range<std::int64_t>(1, 1 << 24);

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
  reader.require_text("model_type", "SentenceTransformer");
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

}  // namespace llmtool
