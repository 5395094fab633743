#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {

inline constexpr const char* kSentenceSettingsFile = "config_sentence_transformers.json";

// What config_sentence_transformers.json says about vectors. How they are to be compared (similarity_fn_name) changes
// none of them.
struct SentenceSettings {
  Json document;                                             // the file; null without one
  std::vector<std::pair<std::string, std::string>> prompts;  // name and text, which is put before texts
  std::optional<std::string> default_prompt;                 // its name
  std::optional<std::int64_t> truncate_dim;                  // numbers of a vector that are kept

  std::vector<std::string> prompt_names() const;
  // The text of a prompt; unset for an unknown name.
  std::optional<std::string> prompt(std::string_view name) const;
};

// Throws ModelError when the file is damaged or is that of another kind of model.
SentenceSettings read_sentence_settings(const std::filesystem::path& model_directory);

// What counts of the file without modules.json, where the library does not read it: prompts somebody asks for by name.
// The document is without what would count again beside a modules.json.
SentenceSettings read_named_prompts(const std::filesystem::path& model_directory);

// The keys of such a file that change the vectors of who asks for nothing.
std::vector<std::string> consequential_sentence_settings(const Json& document);

// Files of sentence-transformers that stand where the library does not look, so that what they say counts for nothing,
// there and here: a line for each, naming the settings that would have changed vectors. Both throw ModelError for files
// that are damaged.

// Of a folder without modules.json.
std::vector<std::string> unused_settings(const std::filesystem::path& directory);

// Of one with it. `used`: the file that says how the Transformer in `transformer` reads texts; empty for none.
std::vector<std::string> unused_settings_beside_modules(const std::filesystem::path& directory,
                                                        const std::filesystem::path& transformer,
                                                        const std::filesystem::path& used);

}  // namespace llmtool
