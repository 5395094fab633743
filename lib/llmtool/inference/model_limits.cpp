#include "llmtool/inference/model_limits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

constexpr const char* kConfigName = "tokenizer_config.json";

// Classes of transformers whose tokenizers give token types, for the families here.
constexpr std::array<std::string_view, 3> kClassesWithTypes{"BertTokenizer", "DebertaV2Tokenizer", "ElectraTokenizer"};
// Those that give none, whatever tokenizer.json says of types.
constexpr std::array<std::string_view, 3> kClassesWithoutTypes{"AlbertTokenizer", "DistilBertTokenizer",
                                                               "TokenizersBackend"};
// Families whose tokenizer is one of either where no class is named.
constexpr std::array<std::string_view, 3> kFamiliesWithTypes{"bert", "deberta-v2", "electra"};
constexpr std::array<std::string_view, 1> kFamiliesWithoutTypes{"albert"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Json read_tokenizer_config(const std::filesystem::path& folder) {
  if (!path_exists(folder / kConfigName)) return Json::object();
  const std::string file = (folder / kConfigName).string();
  Json config = read_json_file(file, ExitCode::kModel);
  if (!config.is_object()) throw ModelError(file + ": must hold a JSON object");
  return config;
}

std::string text_of(const Json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

template <class With, class Without>
std::optional<bool> found_in(const With& with, const Without& without, std::string_view name) {
  if (contains(with, name)) return true;
  return contains(without, name) ? std::optional(false) : std::nullopt;
}

// Unset for other classes. One of them is PreTrainedTokenizerFast: transformers 4 gave types by it, 5 gives none, and
// folders of llmtool have gone by that name without model_input_names.
std::optional<bool> gives_types(const std::filesystem::path& folder, const Json& model_config) {
  const Json config = read_tokenizer_config(folder);
  if (const auto names = config.find("model_input_names"); names != config.end() && names->is_array())
    return std::find(names->begin(), names->end(), "token_type_ids") != names->end();
  std::string name = text_of(config, "tokenizer_class");
  if (name.empty()) return found_in(kFamiliesWithTypes, kFamiliesWithoutTypes, text_of(model_config, "model_type"));
  if (constexpr std::string_view kFast = "Fast"; name.ends_with(kFast)) name.resize(name.size() - kFast.size());
  return found_in(kClassesWithTypes, kClassesWithoutTypes, name);
}

}  // namespace

EmbeddingLimits embedding_limits(const Tokenizer& tokenizer, const std::filesystem::path& tokenizer_folder,
                                 const ModelDimensions& dimensions, const Json& model_config) {
  EmbeddingLimits limits;
  if (tokenizer.id_bound() > dimensions.vocabulary_size) limits.num_ids = dimensions.vocabulary_size;
  if (dimensions.num_types == 0) return limits;
  limits.num_types = dimensions.num_types;
  limits.ignores_types = !gives_types(tokenizer_folder, model_config).value_or(dimensions.num_types > 1);
  return limits;
}

}  // namespace llmtool
