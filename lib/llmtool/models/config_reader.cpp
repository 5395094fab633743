#include "llmtool/models/config_reader.h"

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

std::string shown(const Json& value) {
  const std::string text = to_json_text(value);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

}  // namespace

ConfigReader::ConfigReader(const Json& config, const std::string& file) : config_(config), file_(file) {
  if (!config.is_object()) throw ModelError(file + ": a model config must be a JSON object");
}

void ConfigReader::fail(std::string_view key, const std::string& problem) const {
  throw ModelError(file_ + ": " + quote(key) + " " + problem);
}

void ConfigReader::fail_missing(std::string_view key) const {
  fail(key, "is missing; give it, or, where there are weights, copy the config.json that belongs to them");
}

const Json* ConfigReader::find(std::string_view key) const {
  const auto found = config_.find(std::string(key));
  return found == config_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::int64_t> ConfigReader::optional_integer(std::string_view key, Range<std::int64_t> range) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->is_number_integer() &&
                    !(value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX});
  if (!fits || !range.contains(value->get<std::int64_t>()))
    fail(key, "must be an integer from " + std::to_string(range.low) + " to " + std::to_string(range.high) + ", not " +
                  shown(*value));
  return value->get<std::int64_t>();
}

std::int64_t ConfigReader::integer(std::string_view key, Range<std::int64_t> range) const {
  const auto value = optional_integer(key, range);
  if (!value) fail_missing(key);
  return *value;
}

std::int64_t ConfigReader::integer(std::string_view key, Range<std::int64_t> range, std::int64_t absent) const {
  return optional_integer(key, range).value_or(absent);
}

std::optional<double> ConfigReader::optional_number(std::string_view key, Range<double> range) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !range.contains(value->get<double>()))
    fail(key, "must be a number from " + shown(range.low) + " to " + shown(range.high) + ", not " + shown(*value));
  return value->get<double>();
}

double ConfigReader::number(std::string_view key, Range<double> range, double absent) const {
  return optional_number(key, range).value_or(absent);
}

std::string ConfigReader::text(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) fail_missing(key);
  if (!value->is_string()) fail(key, "must be a string, not " + shown(*value));
  return value->get<std::string>();
}

std::string ConfigReader::text(std::string_view key, std::string_view absent) const {
  return find(key) == nullptr ? std::string(absent) : text(key);
}

bool ConfigReader::boolean(std::string_view key, bool absent) const {
  const Json* value = find(key);
  if (value == nullptr) return absent;
  if (!value->is_boolean()) fail(key, "must be true or false, not " + shown(*value));
  return value->get<bool>();
}

std::optional<std::int64_t> ConfigReader::padding_id(std::int64_t vocabulary_size,
                                                     std::optional<std::int64_t> absent) const {
  constexpr const char* kKey = "pad_token_id";
  return config_.contains(kKey) ? optional_integer(kKey, in_range<std::int64_t>(0, vocabulary_size - 1)) : absent;
}

void ConfigReader::require_text(std::string_view key, std::string_view supported) const {
  const std::string value = text(key, supported);
  if (value != supported) fail(key, "is " + quote(value) + "; only " + quote(supported) + " is supported");
}

void ConfigReader::require_flag(std::string_view key, bool supported) const {
  if (boolean(key, supported) != supported)
    fail(key, "is " + shown(!supported) + "; only " + shown(supported) + " is supported");
}

void ConfigReader::require_same(std::string_view other_name, std::string_view key, std::int64_t value) const {
  const Json* other = find(other_name);
  if (other != nullptr && *other != value)
    fail(other_name, "is " + shown(*other) + ", but " + quote(key) + ", which means the same here, is " +
                         std::to_string(value) + "; remove one of them");
}

void ConfigReader::require_plain_model() const {
  const auto is_set = [&](std::string_view key) {
    const Json* value = find(key);
    return value != nullptr && *value != false && !(value->is_structured() && value->empty());
  };
  if (is_set("quantization_config"))
    fail("quantization_config",
         "is set; quantised weights are not supported: save the model with its weights in floating-point numbers and "
         "without this key");
  if (is_set("pruned_heads"))
    fail("pruned_heads", "is set; models without some of their attention heads are not supported");
  if (is_set("per_layer_config"))
    fail("per_layer_config", "is set; layers with settings of their own are not supported");
  const Json* code = find("auto_map");
  if (code == nullptr || !code->is_object()) return;
  for (const auto& [name, file] : code->items())
    if (name.starts_with("AutoModel"))
      fail("auto_map", "names code of the model's own, which is never run here (" + shown(file) +
                           "); if its weights are those of a plain " + quote(text("model_type", "")) +
                           ", remove the key");
}

Activation ConfigReader::activation(std::string_view key, std::string_view absent) const {
  const std::string name = text(key, absent);
  if (const auto activation = enum_from_name<Activation>(name)) return *activation;
  const auto& known = EnumNames<Activation>::kNames;
  fail(key, "is " + quote(name) + ", which is not supported; supported are " +
                listed(known, [](const auto& entry) { return entry.second; }));
}

void ConfigReader::check_heads(std::string_view size_key, std::int64_t size, std::string_view heads_key,
                               std::int64_t num_heads) const {
  if (size % num_heads == 0) return;
  fail(size_key, "(" + std::to_string(size) + ") is not a multiple of " + quote(heads_key) + " (" +
                     std::to_string(num_heads) + ")");
}

}  // namespace llmtool
