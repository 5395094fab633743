#include "llmtool/inference/sentence_transformer_files.h"

#include <string>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPoolingFolder = "1_Pooling";
constexpr std::string_view kModePrefix = "pooling_mode_";
constexpr const char* kClsMode = "pooling_mode_cls_token";
constexpr const char* kMeanMode = "pooling_mode_mean_tokens";
// Versions from 6 on name the mode in one key.
constexpr const char* kMode = "pooling_mode";

Json module_row(int index, const std::string& path, const std::string& type) {
  return {{"idx", index},
          {"name", std::to_string(index)},
          {"path", path},
          {"type", "sentence_transformers.models." + type}};
}

// "mean" of the key pooling_mode, or of pooling_mode_mean_tokens: true.
std::vector<std::string> asked_modes(const Json& config) {
  std::vector<std::string> modes;
  if (!config.is_object()) return modes;
  for (const auto& [key, value] : config.items()) {
    if (key == kMode && value.is_string()) modes.push_back(value.get<std::string>());
    if (!key.starts_with(kModePrefix) || value != Json(true)) continue;
    const std::string mode = key.substr(kModePrefix.size());
    modes.push_back(key == kClsMode ? "cls" : key == kMeanMode ? "mean" : mode);
  }
  return modes;
}

std::string joined(const std::vector<std::string>& modes) {
  std::string text;
  for (const std::string& mode : modes) text += (text.empty() ? "" : " and ") + quote(mode);
  return text;
}

void write_json(const fs::path& file, const Json& content) {
  write_file_atomically(file, to_json_text(content, 2) + "\n");
}

}  // namespace

std::optional<Pooling> stored_pooling(const fs::path& model_directory) {
  const fs::path file = model_directory / kPoolingFolder / "config.json";
  if (!fs::exists(file)) return std::nullopt;
  const Json config = read_json_file(file.string(), ExitCode::kModel);
  const std::vector<std::string> modes = asked_modes(config);
  if (modes.empty()) return std::nullopt;
  const auto pooling = enum_from_name<Pooling>(modes.front());
  if (modes.size() > 1 || !pooling)
    throw ModelError(file.string() + ": pooling by " + joined(modes) +
                     " is not supported; supported are cls or mean alone, and --pooling chooses one of them");
  return pooling;
}

void write_sentence_transformer_files(const fs::path& model_directory, Pooling pooling, std::int64_t hidden_size,
                                      std::int64_t max_length) {
  fs::create_directories(model_directory / kPoolingFolder);
  write_json(model_directory / kPoolingFolder / "config.json", {{"word_embedding_dimension", hidden_size},
                                                                {kClsMode, pooling == Pooling::kCls},
                                                                {kMeanMode, pooling == Pooling::kMean},
                                                                {"pooling_mode_max_tokens", false},
                                                                {"pooling_mode_mean_sqrt_len_tokens", false}});
  write_json(model_directory / "sentence_bert_config.json", {{"max_seq_length", max_length}, {"do_lower_case", false}});
  write_json(model_directory / "modules.json",
             Json::array({module_row(0, "", "Transformer"), module_row(1, kPoolingFolder, "Pooling"),
                          module_row(2, "2_Normalize", "Normalize")}));
}

}  // namespace llmtool
