#include "llmtool/inference/sentence_transformer_files.h"

#include <string>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPoolingFolder = "1_Pooling";
constexpr std::string_view kModePrefix = "pooling_mode_";
constexpr const char* kClsMode = "pooling_mode_cls_token";
constexpr const char* kMeanMode = "pooling_mode_mean_tokens";

Json module_row(int index, const std::string& path, const std::string& type) {
  return {{"idx", index},
          {"name", std::to_string(index)},
          {"path", path},
          {"type", "sentence_transformers.models." + type}};
}

void write_json(const fs::path& file, const Json& content) {
  write_file_atomically(file, to_json_text(content, 2) + "\n");
}

}  // namespace

std::optional<Pooling> stored_pooling(const fs::path& model_directory) {
  const fs::path file = model_directory / kPoolingFolder / "config.json";
  if (!fs::exists(file)) return std::nullopt;
  const Json config = read_json_file(file.string(), ExitCode::kModel);
  std::optional<Pooling> pooling;
  for (const auto& [key, value] : config.items()) {
    if (!key.starts_with(kModePrefix) || value != Json(true)) continue;
    if (pooling || (key != kClsMode && key != kMeanMode))
      throw ModelError(file.string() + ": " + quote(key) +
                       (pooling ? " is asked for besides another mode" : " is not supported") +
                       "; supported are cls or mean alone, and --pooling chooses one of them");
    pooling = key == kClsMode ? Pooling::kCls : Pooling::kMean;
  }
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
