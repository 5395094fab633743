#include "llmtool/inference/transformer_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Of no consequence for vectors: how inputs are padded, and lengths that only encode_query and encode_document ask for.
constexpr std::array<std::string_view, 4> kWithoutConsequence{"unpad_inputs", "query_length", "document_length",
                                                              "query_expansion"};

// Given to transformers when it loads model, config or tokenizer (the second name of each is the newer).
constexpr std::array<std::string_view, 6> kLoadingArguments{"model_args",       "model_kwargs", "tokenizer_args",
                                                            "processor_kwargs", "config_args",  "config_kwargs"};

// Those of them that say how to load and compute, not what.
constexpr std::array<std::string_view, 12> kHarmlessArguments{"add_pooling_layer",
                                                              "attn_implementation",
                                                              "clean_up_tokenization_spaces",
                                                              "device_map",
                                                              "dtype",
                                                              "local_files_only",
                                                              "low_cpu_mem_usage",
                                                              "padding_side",
                                                              "torch_dtype",
                                                              "trust_remote_code",
                                                              "use_fast",
                                                              "use_safetensors"};

template <class List>
bool is_in(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool says_nothing(const Json& value) { return value.is_null() || (value.is_structured() && value.empty()); }

// One file's settings, key by key.
class SettingsReader {
 public:
  SettingsReader(std::string path, TransformerSettings& settings) : path_(std::move(path)), settings_(settings) {}

  void read(const Json& document) {
    for (const auto& [key, value] : document.items())
      if (!says_nothing(value) && !is_in(kWithoutConsequence, key)) read_setting(key, value);
    // As the library ranks the two.
    if (const auto found = tokenizer_length_ ? tokenizer_length_ : max_seq_length_)
      settings_.max_length = {*found, fs::path(path_).filename().string()};
  }

 private:
  void read_setting(const std::string& key, const Json& value) {
    if (key == "max_seq_length") {
      max_seq_length_ = length(key, value);
    } else if (key == "do_lower_case") {
      if (!value.is_boolean()) throw ModelError(path_ + ": " + quote(key) + " must be true or false");
      settings_.lowercase = value.get<bool>();
    } else if (key == "transformer_task") {
      require(key, value, "feature-extraction");
    } else if (key == "module_output_name") {
      require(key, value, "token_embeddings");
    } else if (key == "modality_config") {
      read_modalities(value);
    } else if (is_in(kLoadingArguments, key) && value.is_object()) {
      read_loading_arguments(key, value);
    } else {
      refuse_setting(key, value);
    }
  }

  void read_modalities(const Json& modalities) {
    const auto text = modalities.find("text");
    if (!modalities.is_object() || text == modalities.end() || !text->is_object() || modalities.contains("message"))
      refuse_setting("modality_config", modalities);
    Json output = text->value("method_output_name", Json());
    if (output.is_array() && output.size() == 1) output = Json(output.front());
    require("modality_config.text.method", text->value("method", Json()), "forward");
    require("modality_config.text.method_output_name", output, "last_hidden_state");
  }

  void read_loading_arguments(const std::string& key, const Json& arguments) {
    for (const auto& [name, value] : arguments.items()) {
      if (says_nothing(value) || is_in(kHarmlessArguments, name)) continue;
      if (name == "model_max_length" && (key == "tokenizer_args" || key == "processor_kwargs"))
        tokenizer_length_ = length(key + "." + name, value);
      else
        refuse_setting(key + "." + name, value);
    }
  }

  // Numbers without a limit in mind are written as floats or beyond 64 bits.
  std::int64_t length(const std::string& key, const Json& value) const {
    constexpr double kBeyondAnyModel = 1e9;
    if (value.is_number() && value.get<double>() > kBeyondAnyModel) return static_cast<std::int64_t>(kBeyondAnyModel);
    if (!value.is_number_integer() || value.get<std::int64_t>() < 1)
      throw ModelError(path_ + ": " + quote(key) + " must be a whole number from 1 on, not " + to_json_text(value));
    return value.get<std::int64_t>();
  }

  void require(const std::string& key, const Json& value, const char* supported) const {
    if (value != Json(supported)) refuse_setting(key, value);
  }

  [[noreturn]] void refuse_setting(const std::string& key, const Json& value) const {
    throw ModelError(path_ + ": the setting " + quote(key) + " (" + quote(to_json_text(value)) +
                     ") changes how texts are read and is not supported");
  }

  std::string path_;
  TransformerSettings& settings_;
  std::optional<std::int64_t> max_seq_length_;
  std::optional<std::int64_t> tokenizer_length_;
};

}  // namespace

TransformerSettings read_transformer_settings(const fs::path& folder) {
  TransformerSettings settings;
  for (const char* name : kTransformerSettingsFiles) {
    const std::string path = (folder / name).string();
    if (!path_exists(path)) continue;
    const Json document = read_json_file(path, ExitCode::kModel);
    if (!document.is_object()) throw ModelError(path + ": expected an object of settings");
    if (document.empty()) continue;
    SettingsReader(path, settings).read(document);
    settings.file = path;
    break;
  }
  return settings;
}

std::vector<std::string> consequential_transformer_settings(const Json& document, const std::string& file) {
  const auto has_consequences = [&](const std::string& key, const Json& value) {
    TransformerSettings settings;
    try {
      SettingsReader(file, settings).read(Json{{key, value}});
    } catch (const ModelError&) {
      return true;
    }
    return settings.max_length || settings.lowercase;
  };
  std::vector<std::string> keys;
  for (const auto& [key, value] : document.items())
    if (has_consequences(key, value)) keys.push_back(key);
  return keys;
}

}  // namespace llmtool
