#include "llmtool/config/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>

#include "llmtool/config/config_file.h"
#include "llmtool/core/text.h"

namespace llmtool::detail {

YamlSource::YamlSource(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

SourcePosition YamlSource::position(std::int64_t line, std::int64_t byte_column) const {
  const auto last_line = static_cast<std::int64_t>(line_starts_.size()) - 1;
  const auto index = static_cast<std::size_t>(std::clamp<std::int64_t>(line, 0, last_line));
  const std::string_view rest = text_.substr(line_starts_[index]);
  const std::size_t bytes = std::min(static_cast<std::size_t>(std::max<std::int64_t>(byte_column, 0)), rest.size());
  if (index != counted_line_ || bytes < counted_bytes_) counted_bytes_ = counted_code_points_ = 0;
  counted_line_ = index;
  counted_code_points_ += count_code_points(rest.substr(counted_bytes_, bytes - counted_bytes_));
  counted_bytes_ = bytes;
  return {file_, static_cast<std::int64_t>(index) + 1, static_cast<std::int64_t>(counted_code_points_) + 1};
}

std::string_view YamlSource::from(std::int64_t line, std::int64_t byte_column) const {
  if (line < 0 || line >= static_cast<std::int64_t>(line_starts_.size())) return "";
  const std::size_t offset = line_starts_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(byte_column);
  return text_.substr(std::min(offset, text_.size()));
}

std::string_view YamlSource::value_from(std::int64_t line, std::int64_t byte_column) const {
  std::string_view text = from(line, byte_column);
  if (!text.starts_with('&')) return text;
  text.remove_prefix(std::min(text.size(), text.find_first_of(" \r\n")));
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \r\n")));
  return text;
}

std::size_t quoted_length(std::string_view text) {
  if (!text.starts_with('"') && !text.starts_with('\'')) return 0;
  const char quote_sign = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote_sign == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote_sign) {
      // Two single quotes stand for one inside the text.
      const bool doubled = quote_sign == '\'' && i + 1 < text.size() && text[i + 1] == '\'';
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return std::string_view::npos;
}

SourcePosition YamlSource::position_of_byte(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::int64_t line = after - line_starts_.begin() - 1;
  return position(line, static_cast<std::int64_t>(offset - line_starts_[static_cast<std::size_t>(line)]));
}

void YamlSource::check_characters() const {
  if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff"))
    throw ConfigError(SourcePosition{file_}, "the file is UTF-16; save it as UTF-8");
  if (const auto invalid = find_invalid_utf8(text_))
    throw ConfigError(position_of_byte(*invalid), "the bytes here are not UTF-8 (byte offset " +
                                                      std::to_string(*invalid) + "); save the file as UTF-8");
  check_control_characters();
  check_tabs();
}

void YamlSource::check_control_characters() const {
  const auto found = std::find_if(text_.begin(), text_.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
  });
  if (found == text_.end()) return;
  char code[8];
  std::snprintf(code, sizeof(code), "U+%04X", static_cast<unsigned>(static_cast<unsigned char>(*found)));
  throw ConfigError(position_of_byte(static_cast<std::size_t>(found - text_.begin())),
                    std::string("control character ") + code + "; a config is plain text");
}

void YamlSource::check_tabs() const {
  for (const std::size_t start : line_starts_) {
    const std::size_t content = text_.find_first_not_of(" \t", start);
    if (content == std::string_view::npos) return;
    const std::size_t tab = text_.find('\t', start);
    if (tab >= content || text_[content] == '\n' || text_[content] == '\r') continue;
    throw ConfigError(position_of_byte(tab), "a tab in the indentation; indent with spaces");
  }
}

}  // namespace llmtool::detail

namespace llmtool {
namespace {

// Far more than a config has; they keep aliases of aliases from filling the memory.
constexpr std::size_t kMostNodes = 100000;
constexpr std::size_t kDeepestNesting = 100;

using detail::YamlSource;

std::size_t count_nodes(const ConfigNode& node) {
  std::size_t count = 1;
  for (const ConfigNode& child : node.children) count += count_nodes(child);
  return count;
}

std::size_t depth_of(const ConfigNode& node) {
  std::size_t depth = 0;
  for (const ConfigNode& child : node.children) depth = std::max(depth, depth_of(child));
  return depth + 1;
}

// A problem that may come from a bracket or quote left open before it, which yaml-cpp would name.
class UncertainError : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

// Builds the tree from yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const YamlSource& source) : source_(source) {}

  ConfigNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) fail(mark, "a key is missing before ':'");
    finish(make(ConfigNode::Kind::kNull, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    check_quotes(mark, tag);
    if (expects_key()) return take_key(mark, tag, value);
    ConfigNode node = make(ConfigNode::Kind::kScalar, mark);
    node.text = value;
    node.quoted = is_quoted(tag);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) fail(mark, "a key cannot be an alias; write the key out");
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) fail(mark, "the alias refers to the value it stands in, without end");
    if (open_.size() + depth_of(found->second) > kDeepestNesting) fail_too_deep(mark);
    count(mark, count_nodes(found->second));
    finish(found->second, 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(ConfigNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(ConfigNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    ConfigNode node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::set<std::string> keys;
    bool has_key = false;
    std::string key;
    SourcePosition key_position;
  };

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& message) const {
    throw ConfigError(source_.position(mark.line, mark.column), message);
  }
  [[noreturn]] void fail_too_deep(const YAML::Mark& mark) const {
    fail(mark, "nested more than " + std::to_string(kDeepestNesting) + " levels deep");
  }

  // yaml-cpp gives "?" for a plain node without tag and "!" for a quoted one.
  static bool is_quoted(const std::string& tag) { return tag == "!"; }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    constexpr std::string_view kStandard = "tag:yaml.org,2002:";
    const std::string shown = tag.starts_with(kStandard) ? "!!" + tag.substr(kStandard.size()) : tag;
    fail(mark, "the tag " + quote(shown) + " is not supported; write the plain value, in quotes when it is text");
  }

  // yaml-cpp takes a quote that is open at the end of the file for closed.
  void check_quotes(const YAML::Mark& mark, const std::string& tag) const {
    const std::string_view text = source_.value_from(mark.line, mark.column);
    if (is_quoted(tag) && detail::quoted_length(text) == std::string_view::npos)
      fail(mark, "the quote opened here is not closed");
  }

  // yaml-cpp takes a line without ':' in a map for a key without a value.
  void check_colon(const YAML::Mark& mark, const std::string& tag, const std::string& key) const {
    std::string_view text = source_.value_from(mark.line, mark.column);
    text.remove_prefix(std::min(text.size(), is_quoted(tag) ? detail::quoted_length(text) : key.size()));
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
    if (text.starts_with(':')) return;
    const SourcePosition position = source_.position(mark.line, mark.column);
    if (key.find(':') != std::string::npos && !is_quoted(tag))
      throw UncertainError(position, "a space is missing after the ':' in " + quote(key));
    throw UncertainError(position, "expected ':' and a value after the key " + quote(key));
  }

  ConfigNode make(ConfigNode::Kind kind, const YAML::Mark& mark) {
    count(mark, 1);
    ConfigNode node;
    node.kind = kind;
    node.position = source_.position(mark.line, mark.column);
    return node;
  }

  void count(const YAML::Mark& mark, std::size_t nodes) {
    num_nodes_ += nodes;
    if (num_nodes_ > kMostNodes) fail(mark, "more than " + std::to_string(kMostNodes) + " values, aliases counted");
  }

  bool expects_key() const { return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key; }

  void take_key(const YAML::Mark& mark, const std::string& tag, const std::string& key) {
    if (key == "<<" && !is_quoted(tag))
      fail(mark, "merge keys (<<) are not supported; write the keys out, or alias a whole section (section: *name)");
    check_colon(mark, tag, key);
    Open& map = open_.back();
    if (!map.keys.insert(key).second) fail_duplicate(mark, key);
    map.has_key = true;
    map.key = key;
    map.key_position = source_.position(mark.line, mark.column);
  }

  [[noreturn]] void fail_duplicate(const YAML::Mark& mark, const std::string& key) const {
    const ConfigNode* first = open_.back().node.find(key);
    fail(mark, "duplicate key " + quote(key) + ", first on line " + std::to_string(first->key_position.line));
  }

  void open(ConfigNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    if (expects_key()) throw UncertainError(source_.position(mark.line, mark.column), "a key must be plain text");
    if (open_.size() == kDeepestNesting) fail_too_deep(mark);
    open_.push_back({make(kind, mark), anchor, mark, {}});
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.anchor != 0) count(closed.mark, count_nodes(closed.node));  // kept a second time
    finish(std::move(closed.node), closed.anchor);
  }

  void finish(ConfigNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchored_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_map()) {
      node.key = parent.key;
      node.key_position = parent.key_position;
      // yaml-cpp sees a missing value where the next token is.
      if (node.is_null() && node.position.line != node.key_position.line) node.position = node.key_position;
      parent.has_key = false;
    }
    parent.node.children.push_back(std::move(node));
  }

  const YamlSource& source_;
  ConfigNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, ConfigNode> anchored_;
  std::size_t num_nodes_ = 0;
};

// Refuses whatever follows the first document.
class NothingMore : public TreeBuilder {
 public:
  explicit NothingMore(const YamlSource& source) : TreeBuilder(source), source_(source) {}
  void OnDocumentStart(const YAML::Mark& mark) override {
    const bool separated = source_.from(mark.line, mark.column).starts_with("---");
    throw ConfigError(source_.position(mark.line, mark.column),
                      separated ? "a second document starts here; a config has only one"
                                : "unexpected text after the end of the value");
  }

 private:
  const YamlSource& source_;
};

// Takes part in parsing only to let yaml-cpp find its own errors.
class IgnoredEvents : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// What yaml-cpp's short messages mean to someone who wrote the file.
std::string explain(const std::string& message) {
  static const std::map<std::string, std::string> kExplanations{
      {YAML::ErrorMsg::END_OF_MAP,
       "unexpected here; expected the end of the value, or 'key: value' at the indentation of the keys above"},
      {YAML::ErrorMsg::END_OF_SEQ, "expected another '- item' or less indentation here"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW, "a '{' is not closed, or a comma is missing"},
      {YAML::ErrorMsg::END_OF_SEQ_FLOW, "a '[' is not closed, or a comma is missing"},
      {YAML::ErrorMsg::MAP_VALUE,
       "a ':' cannot stand here; check the indentation and the ':' of the lines above, and quote text that contains ': "
       "'"},
      {YAML::ErrorMsg::MAP_KEY, "a key cannot stand here; check the indentation"},
      {YAML::ErrorMsg::BLOCK_ENTRY, "a '- item' cannot stand here; check the indentation"},
      {YAML::ErrorMsg::FLOW_END, "a closing bracket without its opening one"},
      {YAML::ErrorMsg::EOF_IN_SCALAR, "a quote is opened but not closed"},
      {YAML::ErrorMsg::DOC_IN_SCALAR, "a quote is opened but not closed"},
      {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation; indent with spaces"},
      {YAML::ErrorMsg::UNKNOWN_TOKEN, "this character cannot start a value; put the text in quotes"},
      {YAML::ErrorMsg::ALIAS_NOT_FOUND, "'*' starts an alias; put the text in quotes"},
      {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "'&' starts an anchor; put the text in quotes"},
      {YAML::ErrorMsg::UNKNOWN_ANCHOR,
       "the alias has no anchor (&name) before it; put the text in quotes if it is text"},
  };
  const auto found = kExplanations.find(message);
  return "invalid YAML: " + (found == kExplanations.end() ? message : found->second);
}

// Sends the first document to `first` and whatever follows it to `rest`.
void parse_events(const YamlSource& source, YAML::EventHandler& first, YAML::EventHandler& rest) {
  std::istringstream stream{std::string(source.text())};
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(first)) parser.HandleNextDocument(rest);
  } catch (const YAML::Exception& error) {
    throw ConfigError(source.position(error.mark.line, error.mark.column), explain(error.msg));
  }
}

ConfigNode parse(const YamlSource& source) {
  TreeBuilder builder(source);
  NothingMore nothing_more(source);
  try {
    parse_events(source, builder, nothing_more);
  } catch (const UncertainError&) {
    IgnoredEvents ignored;
    parse_events(source, ignored, ignored);
    throw;
  }
  return builder.take_root();
}

void set_origin(ConfigNode& node, const SourcePosition& origin) {
  node.position = node.key_position = origin;
  for (ConfigNode& child : node.children) set_origin(child, origin);
}

}  // namespace

ConfigNode read_yaml_config(std::string_view text, const std::string& file) {
  const YamlSource source(text, file);
  source.check_characters();
  ConfigNode root = parse(source);
  if (root.is_null()) throw ConfigError(SourcePosition{file}, "the config is empty");
  if (!root.is_map()) throw ConfigError(root.position, "expected 'key: value' lines, got " + root.describe());
  return root;
}

ConfigNode read_yaml_value(std::string_view text, const SourcePosition& origin) {
  // Without a name, errors would start with "line 1:3", which says nothing about an argument.
  // yaml-cpp explains an unclosed bracket better when a line ends behind it.
  const std::string line = std::string(text) + "\n";
  const YamlSource source(line, "");
  try {
    source.check_characters();
    ConfigNode node = parse(source);
    set_origin(node, origin);
    return node;
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    throw ConfigError(origin, message.substr(message.find(": ") + 2));
  }
}

}  // namespace llmtool
