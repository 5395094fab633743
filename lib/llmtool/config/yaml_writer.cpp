#include <algorithm>
#include <charconv>
#include <cstdio>

#include "llmtool/config/field_types.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

bool is_letter(char character) {
  return ('a' <= character && character <= 'z') || ('A' <= character && character <= 'Z');
}

bool is_digit(char character) { return '0' <= character && character <= '9'; }

// Words that YAML 1.1 readers take for booleans.
bool reads_as_boolean(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char letter) { return is_letter(letter) ? static_cast<char>(letter | 0x20) : letter; });
  for (const char* word : {"true", "false", "yes", "no", "on", "off", "y", "n"})
    if (text == word) return true;
  return false;
}

// Text that every YAML reader takes for itself without quotes.
bool is_plain_text(const std::string& text) {
  if (text.empty() || text.back() == ' ' || is_null_text(text) || reads_as_boolean(text)) return false;
  if (!is_letter(text.front()) && text.front() != '/' && text.front() != '_' && !text.starts_with("./")) return false;
  return std::all_of(text.begin(), text.end(), [](char character) {
    return is_letter(character) || is_digit(character) ||
           std::string_view("_-./+ $%@").find(character) != std::string_view::npos;
  });
}

// Characters that end a line or are invisible for some YAML readers.
bool needs_escape(char32_t code_point) {
  return code_point < 0x20 || (0x7f <= code_point && code_point < 0xa0) || code_point == 0x2028 ||
         code_point == 0x2029 || code_point == 0xfeff || code_point == 0xfffe || code_point == 0xffff;
}

std::string escaped(char32_t code_point) {
  if (code_point == '\n') return "\\n";
  if (code_point == '\t') return "\\t";
  if (code_point == '\r') return "\\r";
  char text[16];
  std::snprintf(text, sizeof(text), code_point < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(code_point));
  return text;
}

std::string quoted_text(const std::string& text) {
  std::string quoted = "\"";
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = decode_utf8(text, position);
    if (needs_escape(code_point)) {
      quoted += escaped(code_point);
      continue;
    }
    if (code_point == '"' || code_point == '\\') quoted += '\\';
    append_utf8(code_point, quoted);
  }
  return quoted + '"';
}

std::string text_to_yaml(const std::string& text) { return is_plain_text(text) ? text : quoted_text(text); }

// Shortest text that reads back as the same double, and as a double: 0.1, 1e-4, 1.0.
std::string number_to_yaml(double value) {
  char buffer[32];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
  const std::size_t exponent = text.find('e');
  if (exponent == std::string::npos) return text.find('.') == std::string::npos ? text + ".0" : text;
  // to_chars writes 1e-04 and 1e+20.
  std::string digits = text.substr(exponent + 1);
  const std::string sign = digits.front() == '-' ? "-" : "";
  digits.erase(0, digits.find_first_not_of("+-0"));
  return text.substr(0, exponent + 1) + sign + digits;
}

std::string scalar_to_yaml(const Json& value) {
  if (value.is_string()) return text_to_yaml(value.get<std::string>());
  if (value.is_number_float()) return number_to_yaml(value.get<double>());
  return value.dump();
}

// Plain values, empty containers and lists of plain values stand on one line.
bool fits_one_line(const Json& value) {
  if (value.is_object()) return value.empty();
  if (!value.is_array()) return true;
  return std::none_of(value.begin(), value.end(),
                      [](const Json& item) { return item.is_structured() && !item.empty(); });
}

class YamlWriter {
 public:
  explicit YamlWriter(const YamlStyle& style) : style_(style) {}

  void write_map(const Json& map, const std::string& path, const std::string& indent) {
    for (const auto& [key, value] : map.items()) {
      const std::string member_path = join_path(path, key);
      if (style_.includes && !style_.includes(member_path)) continue;
      write_comment_above(member_path, indent);
      text_ += next_indent(indent) + text_to_yaml(key) + ":";
      write_value(value, member_path, indent + "  ");
    }
  }

  std::string take_text() { return std::move(text_); }

 private:
  void write_value(const Json& value, const std::string& path, const std::string& indent) {
    if (fits_one_line(value)) {
      text_.append(" ").append(value_to_yaml(value)).append(comment_beside(path)).append("\n");
      return;
    }
    text_ += "\n";
    if (value.is_object()) {
      write_map(value, path, indent);
    } else {
      write_list(value, path, indent);
    }
  }

  void write_list(const Json& list, const std::string& path, const std::string& indent) {
    std::size_t index = 0;
    for (const Json& item : list) {
      const std::string path_of_item = item_path(path, index++);
      text_ += indent + "-";
      if (item.is_object() && !item.empty()) {
        // The first key stands behind the dash.
        text_ += " ";
        after_dash_ = true;
        write_map(item, path_of_item, indent + "  ");
      } else {
        write_value(item, path_of_item, indent + "  ");
      }
    }
  }

  std::string next_indent(const std::string& indent) {
    if (!after_dash_) return indent;
    after_dash_ = false;
    return "";
  }

  void write_comment_above(const std::string& path, const std::string& indent) {
    if (!style_.comment_above || after_dash_) return;
    const std::string comment = style_.comment_above(path);
    if (!comment.empty()) text_ += indent + "# " + comment + "\n";
  }

  std::string comment_beside(const std::string& path) const {
    const std::string comment = style_.comment_beside ? style_.comment_beside(path) : "";
    return comment.empty() ? "" : "  # " + comment;
  }

  const YamlStyle& style_;
  std::string text_;
  bool after_dash_ = false;
};

}  // namespace

std::string value_to_yaml(const Json& value) {
  if (!value.is_structured()) return scalar_to_yaml(value);
  std::string text;
  for (const auto& [key, item] : value.items()) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += text_to_yaml(key) + ": ";
    text += value_to_yaml(item);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

std::string json_to_yaml(const Json& object, const YamlStyle& style) {
  if (object.empty()) return "{}\n";
  YamlWriter writer(style);
  writer.write_map(object, "", "");
  return writer.take_text();
}

}  // namespace llmtool
