#include "llmtool/config/config_file.h"

#include <algorithm>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// Walks JSON text that has been parsed already, so that it needs no checks of its own, and pairs every value with its
// place.
class PositionWalk {
 public:
  PositionWalk(std::string_view text, const std::string& file) : text_(text) { place_.file = file; }

  ConfigNode walk(const Json& json) {
    skip_to_token();
    ConfigNode node;
    node.position = position();
    if (json.is_object()) {
      walk_object(json, node);
    } else if (json.is_array()) {
      walk_array(json, node);
    } else {
      walk_scalar(json, node);
    }
    return node;
  }

 private:
  void walk_object(const Json& json, ConfigNode& node) {
    node.kind = ConfigNode::Kind::kMap;
    ++offset_;
    for (const auto& [key, value] : json.items()) {
      skip_to_token();
      const SourcePosition key_position = position();
      skip_scalar();
      ConfigNode child = walk(value);
      child.key = key;
      child.key_position = key_position;
      node.children.push_back(std::move(child));
    }
    skip_to_token();
    ++offset_;
  }

  void walk_array(const Json& json, ConfigNode& node) {
    node.kind = ConfigNode::Kind::kList;
    ++offset_;
    for (const Json& value : json) node.children.push_back(walk(value));
    skip_to_token();
    ++offset_;
  }

  void walk_scalar(const Json& json, ConfigNode& node) {
    const std::string_view written = skip_scalar();
    if (json.is_null()) return;
    node.kind = ConfigNode::Kind::kScalar;
    node.quoted = json.is_string();
    node.text = node.quoted ? json.get<std::string>() : std::string(written);
  }

  // Stops at the next value, key or closing bracket.
  void skip_to_token() {
    while (std::string_view(" \t\r\n,:").find(text_[offset_]) != std::string_view::npos) ++offset_;
  }

  std::string_view skip_scalar() {
    const std::size_t begin = offset_;
    if (text_[offset_] == '"') {
      for (++offset_; text_[offset_] != '"'; ++offset_)
        if (text_[offset_] == '\\') ++offset_;
      ++offset_;
    } else {
      while (offset_ < text_.size() && std::string_view(" \t\r\n,:]}").find(text_[offset_]) == std::string_view::npos)
        ++offset_;
    }
    return text_.substr(begin, offset_ - begin);
  }

  // Line and column of offset_, counted on from the last call.
  SourcePosition position() {
    for (; counted_ < offset_; ++counted_) {
      if (text_[counted_] == '\n') {
        ++place_.line;
        place_.column = 1;
      } else {
        place_.column += static_cast<std::int64_t>(count_code_points(text_.substr(counted_, 1)));
      }
    }
    return place_;
  }

  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t counted_ = 0;
  SourcePosition place_{"", 1, 1};
};

Json parse(std::string_view text, const std::string& file) {
  try {
    return parse_json(text, file, ExitCode::kConfig);
  } catch (const Error& error) {
    throw ConfigError(error.what());
  }
}

}  // namespace

ConfigNode read_json_config(std::string_view text, const std::string& file) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    throw ConfigError(SourcePosition{file}, "the config is empty");
  ConfigNode root = PositionWalk(text, file).walk(parse(text, file));
  if (!root.is_map()) throw ConfigError(root.position, "expected keys and values, got " + root.describe());
  return root;
}

namespace {

// A config is written by hand; more than this is a file given by mistake (weights, data).
constexpr std::uintmax_t kLargestConfig = std::uintmax_t{16} << 20;

// `{` alone could also start a YAML flow map; a quoted key after it is JSON.
bool starts_like_json(std::string_view text) {
  const auto skip_space = [&] { text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size())); };
  skip_space();
  if (!text.starts_with('{')) return false;
  text.remove_prefix(1);
  skip_space();
  return text.starts_with('"');
}

}  // namespace

ConfigNode read_config_file(const std::filesystem::path& path) {
  const std::string text = read_file(path, kLargestConfig + 1);
  if (text.size() > kLargestConfig)
    throw ConfigError(
        SourcePosition{path.string()},
        "too large for a config (over " + std::to_string(kLargestConfig >> 20) + " MiB); is it another file?");
  const std::string extension = path.extension().string();
  const bool is_yaml = extension == ".yaml" || extension == ".yml";
  if (extension == ".json" || (!is_yaml && starts_like_json(text))) return read_json_config(text, path.string());
  return read_yaml_config(text, path.string());
}

}  // namespace llmtool
