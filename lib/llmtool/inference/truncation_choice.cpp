#include "llmtool/inference/truncation_choice.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTokenizerFile = "tokenizer.json";
constexpr const char* kRequested = "the request";
constexpr const char* kRunRecordFile = "llmtool.lock.json";

// The names the tokenizers library writes.
constexpr std::array kLibraryStrategies{std::pair{TruncationStrategy::kLongestFirst, std::string_view("LongestFirst")},
                                        std::pair{TruncationStrategy::kOnlyFirst, std::string_view("OnlyFirst")},
                                        std::pair{TruncationStrategy::kOnlySecond, std::string_view("OnlySecond")}};

// The object at `path` below the root of a JSON file; null when file or key are missing.
Json section_of(const fs::path& file, std::initializer_list<const char*> path) {
  if (!path_exists(file)) return nullptr;
  const Json root = read_json_file(file.string(), ExitCode::kModel);
  const Json* section = &root;
  for (const char* key : path) {
    if (!section->is_object() || !section->contains(key)) return nullptr;
    section = &section->at(key);
  }
  return section->is_object() ? *section : Json(nullptr);
}

// A text of the section, or `fallback` where it is missing.
std::string text_of(const Json& section, const char* key, const char* fallback) {
  const auto found = section.find(key);
  return found != section.end() && found->is_string() ? found->get<std::string>() : fallback;
}

[[noreturn]] void refuse(const fs::path& file, const char* key, const std::string& value) {
  throw ModelError(file.string() + ": the truncation's " + key + " " + quote(value) + " is not supported");
}

std::optional<std::int64_t> read_max_length(const Json& section, const fs::path& file) {
  const auto found = section.find("max_length");
  if (found == section.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_integer() || found->get<std::int64_t>() < 1)
    throw ModelError(file.string() + ": the truncation's max_length must be a whole number from 1 on, not " +
                     to_json_text(*found));
  return found->get<std::int64_t>();
}

std::optional<std::int64_t> read_stride(const Json& section, const fs::path& file) {
  const auto found = section.find("stride");
  if (found == section.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_integer() || found->get<std::int64_t>() < 0)
    throw ModelError(file.string() + ": the tokenizer's stride must be a whole number from 0 on, not " +
                     to_json_text(*found));
  return found->get<std::int64_t>();
}

TruncationStrategy strategy_from_library(const fs::path& file, const std::string& name) {
  for (const auto& [strategy, library_name] : kLibraryStrategies)
    if (library_name == name) return strategy;
  refuse(file, "strategy", name);
}

std::optional<TokenizerOptions> saved_with_tokenizer(const fs::path& file) {
  const Json section = section_of(file, {"truncation"});
  if (section.is_null()) return std::nullopt;
  TokenizerOptions options;
  options.max_length = read_max_length(section, file);
  options.truncation = strategy_from_library(file, text_of(section, "strategy", "LongestFirst"));
  const std::string side = text_of(section, "direction", "Right");
  if (side != "Right" && side != "Left") refuse(file, "direction", side);
  options.truncation_side = side == "Left" ? TruncationSide::kLeft : TruncationSide::kRight;
  return options;
}

std::optional<TokenizerOptions> recorded_by_run(const fs::path& file) {
  const Json section = section_of(file, {"config", "tokenizer"});
  if (section.is_null()) return std::nullopt;
  TokenizerOptions options;
  options.max_length = read_max_length(section, file);
  const std::string strategy = text_of(section, "truncation", "longest_first");
  const std::string side = text_of(section, "truncation_side", "right");
  const auto known_strategy = enum_from_name<TruncationStrategy>(strategy);
  const auto known_side = enum_from_name<TruncationSide>(side);
  if (!known_strategy) refuse(file, "truncation", strategy);
  if (!known_side) refuse(file, "truncation_side", side);
  options.truncation = *known_strategy;
  options.truncation_side = *known_side;
  options.stride = read_stride(section, file);
  return options;
}

// What the model was made with, its max_length possibly open.
TruncationChoice saved_choice(const fs::path& directory, const Tokenizer& tokenizer) {
  auto with_tokenizer = saved_with_tokenizer(directory / kTokenizerFile);
  const auto by_run = recorded_by_run(directory / kRunRecordFile);
  if (with_tokenizer && by_run) with_tokenizer->stride = by_run->stride;
  if (with_tokenizer && with_tokenizer->max_length) return {*with_tokenizer, kTokenizerFile};
  if (by_run && by_run->max_length) return {*by_run, kRunRecordFile};
  if (by_run || with_tokenizer) return {by_run ? *by_run : *with_tokenizer, ""};
  TokenizerOptions options;
  options.truncation_side = tokenizer.truncation_side().value_or(options.truncation_side);
  return {options, ""};
}

// For pairs, which only the rows tell, encoding checks again.
void require_room_for_text(const TruncationChoice& choice, const Tokenizer& tokenizer) {
  const std::int64_t num_special = tokenizer.num_special_tokens(false);
  if (*choice.options.max_length > num_special) return;
  const std::string message = "a max_length of " + std::to_string(*choice.options.max_length) + " (" + choice.source +
                              ") leaves no room for text beside the " + std::to_string(num_special) +
                              " special tokens; give --max-length " + std::to_string(num_special + 1) + " or more";
  if (choice.source == kRequested) throw UsageError(message);
  throw ModelError(message);
}

// A model whose position table counts padding (RoBERTa) is often said to take two tokens more than it does.
void take_stated_length(TruncationChoice& choice, const StatedLength& stated, const ModelDimensions& dimensions) {
  choice.options.max_length = std::min(stated.max_length, dimensions.num_positions);
  choice.source = stated.source;
  if (stated.max_length > dimensions.num_positions)
    choice.source += ", as far as the model's " + std::to_string(dimensions.num_positions) + " positions go";
}

void take_limit(TruncationChoice& choice, const Tokenizer& tokenizer, const ModelDimensions& dimensions,
                std::optional<std::int64_t> usual) {
  choice.options.max_length = dimensions.num_positions;
  choice.source = "the model's " + std::to_string(dimensions.num_positions) + " positions";
  const auto lower = [&](std::optional<std::int64_t> length, const char* source) {
    if (!length || *length >= *choice.options.max_length) return;
    choice.options.max_length = length;
    choice.source = source;
  };
  lower(tokenizer.model_max_length(), "model_max_length of tokenizer_config.json");
  lower(usual, "the usual length for the task");
}

}  // namespace

TruncationChoice choose_truncation(const fs::path& model_directory, const Tokenizer& tokenizer,
                                   const ModelDimensions& dimensions, std::optional<std::int64_t> requested,
                                   const std::optional<StatedLength>& stated, std::optional<std::int64_t> usual) {
  TruncationChoice choice = saved_choice(model_directory, tokenizer);
  if (requested) {
    if (choice.options.max_length != requested) choice.options.stride.reset();  // meant for another length
    choice.options.max_length = requested;
    choice.source = kRequested;
  } else if (stated) {
    take_stated_length(choice, *stated, dimensions);
  }
  if (!choice.options.max_length) take_limit(choice, tokenizer, dimensions, usual);
  check_max_length_fits(*choice.options.max_length, dimensions);
  require_room_for_text(choice, tokenizer);
  return choice;
}

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
