#include <algorithm>
#include <charconv>
#include <optional>

#include "llmtool/config/config_file.h"
#include "llmtool/config/field_types.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// One step of a path: a key of a section or an index of a list.
struct Step {
  std::string key;
  std::optional<std::size_t> index;
};

// An argument of --set taken apart.
class Override {
 public:
  explicit Override(const std::string& argument) : origin_{"--set " + shown(argument)} {
    if (find_invalid_utf8(argument)) fail("the argument is not UTF-8");
    parse_path(argument);
    if (position_ >= argument.size() || argument[position_] != '=')
      fail("expected a path of keys, '=' and a value, as in --set training.epochs=3");
    value_ = argument.substr(position_ + 1);
  }

  void apply(ConfigNode& root) const {
    ConfigNode* node = &root;
    for (const Step& step : steps_) node = step.index ? &item(*node, *step.index) : &member(*node, step.key);
    ConfigNode value = parse_value();
    value.key = node->key;
    value.key_position = origin_;
    *node = std::move(value);
  }

 private:
  // Origins stand in comments and error lines: without line breaks, and shortened.
  static std::string shown(const std::string& argument) {
    const std::string quoted = quote(argument);
    return quoted.substr(1, quoted.size() - 2);
  }

  [[noreturn]] void fail(const std::string& message) const { throw ConfigError(origin_, message); }

  void parse_path(const std::string& argument) {
    const auto at = [&] { return position_ < argument.size() ? argument[position_] : '='; };
    while (true) {
      steps_.push_back({parse_key(argument), std::nullopt});
      while (at() == '[') steps_.push_back({"", parse_index(argument)});
      if (at() != '.') return;
      ++position_;
    }
  }

  std::string parse_key(const std::string& argument) {
    const bool quoted = argument.compare(position_, 1, "\"") == 0;
    if (quoted) ++position_;
    const std::size_t end = argument.find_first_of(quoted ? "\"" : ".[=", position_);
    std::string key = argument.substr(position_, end - position_);
    if (quoted && end == std::string::npos) fail("a quote in the path is not closed");
    if (key.empty()) fail("a key is missing in the path, as in --set training.epochs=3");
    position_ = std::min(end, argument.size()) + (quoted ? 1 : 0);
    return key;
  }

  std::size_t parse_index(const std::string& argument) {
    const std::size_t close = argument.find(']', position_);
    std::size_t index = 0;
    const char* begin = argument.data() + position_ + 1;
    const char* end = argument.data() + std::min(close, argument.size());
    const auto [parsed_to, error] = std::from_chars(begin, std::max(begin, end), index);
    if (close == std::string::npos || error != std::errc{} || parsed_to != end)
      fail("expected a list index in brackets, as in --set data.text[1]=answer");
    position_ = close + 1;
    return index;
  }

  ConfigNode new_child(const std::string& key) const {
    ConfigNode child;
    child.key = key;
    child.position = child.key_position = origin_;
    return child;
  }

  ConfigNode& member(ConfigNode& node, const std::string& key) const {
    if (node.is_null()) node.kind = ConfigNode::Kind::kMap;
    if (!node.is_map())
      fail(quote(node.key) + " is " + kind_name(node) + ", not a section that could hold " + quote(key));
    if (ConfigNode* child = node.find(key)) return *child;
    node.children.push_back(new_child(key));
    return node.children.back();
  }

  ConfigNode& item(ConfigNode& node, std::size_t index) const {
    if (node.is_null()) node.kind = ConfigNode::Kind::kList;
    if (!node.is_list()) fail(quote(node.key) + " is " + kind_name(node) + ", not a list");
    if (index > node.children.size())
      fail("index " + std::to_string(index) + " is beyond the list, which has " + std::to_string(node.children.size()) +
           " items");
    if (index == node.children.size()) node.children.push_back(new_child(""));
    return node.children[index];
  }

  static std::string kind_name(const ConfigNode& node) { return node.is_scalar() ? "a single value" : node.describe(); }

  ConfigNode parse_value() const {
    if (!value_.empty() && std::string_view("[{\"'").find(value_.front()) != std::string_view::npos)
      return read_yaml_value(value_, origin_);
    ConfigNode node;
    node.position = origin_;
    if (is_null_text(value_)) return node;
    node.kind = ConfigNode::Kind::kScalar;
    node.text = value_;
    return node;
  }

  SourcePosition origin_;
  std::vector<Step> steps_;
  std::size_t position_ = 0;
  std::string value_;
};

}  // namespace

void apply_overrides(ConfigNode& root, const std::vector<std::string>& overrides) {
  for (const std::string& argument : overrides) Override(argument).apply(root);
}

}  // namespace llmtool
