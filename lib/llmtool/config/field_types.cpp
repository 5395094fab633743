#include "llmtool/config/field_types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

std::string look_up(const std::string& name, const std::string& text, const Environment& environment) {
  const std::optional<std::string> value = environment ? environment(name) : std::nullopt;
  if (!value)
    throw ValueError("the environment variable " + quote(name) + " in " + quote(text) +
                     " is not set; set it, or write $$ for a literal $");
  return *value;
}

// Length of the leading `~` that stands for the home folder, 0 or 1.
std::size_t home_prefix(const std::string& text) {
  if (!text.starts_with('~')) return 0;
  if (text.size() > 1 && text[1] != '/')
    throw ValueError("home folders of other users are not supported in " + quote(text) +
                     "; write the whole path, or ./~… for a file whose name starts with ~");
  return 1;
}

}  // namespace

std::string expand_path(const std::string& text, const Environment& environment) {
  std::size_t position = home_prefix(text);
  std::string expanded = position > 0 ? look_up("HOME", text, environment) : "";
  while (position < text.size()) {
    const std::size_t dollar = text.find('$', position);
    expanded += text.substr(position, dollar - position);
    if (dollar == std::string::npos) break;
    if (text.compare(dollar, 2, "$$") == 0) {
      expanded += '$';
      position = dollar + 2;
      continue;
    }
    if (text.compare(dollar, 2, "${") != 0)
      throw ValueError("a single $ in " + quote(text) + "; write ${NAME} for a variable or $$ for a literal $");
    const std::size_t close = text.find('}', dollar);
    if (close == std::string::npos) throw ValueError("'${' without '}' in " + quote(text));
    expanded += look_up(text.substr(dollar + 2, close - dollar - 2), text, environment);
    position = close + 1;
  }
  return expanded;
}

std::string escape_path(const std::string& path) {
  std::string text = path.starts_with('~') ? "./" : "";
  for (const char character : path) text += character == '$' ? "$$" : std::string(1, character);
  return text;
}

namespace {

// Up to here every integer is exact as a double.
constexpr double kLargestExactInteger = 0x1p53;

bool is_digit(char character) { return '0' <= character && character <= '9'; }

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

bool is_decimal_integer(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return !digits.empty() && count_digits(digits) == digits.size();
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?   (YAML 1.2.2, section 10.3.2)
bool is_decimal_number(std::string_view text) {
  std::string_view rest = without_sign(text);
  std::size_t digits = count_digits(rest);
  rest.remove_prefix(digits);
  if (rest.starts_with('.')) {
    const std::size_t fraction = count_digits(rest.substr(1));
    digits += fraction;
    rest.remove_prefix(1 + fraction);
  }
  if (digits == 0) return false;
  if (rest.empty()) return true;
  if (rest.front() != 'e' && rest.front() != 'E') return false;
  return is_decimal_integer(rest.substr(1));
}

// 010 is eight in YAML 1.1 and ten in YAML 1.2: nobody can know what was meant.
bool looks_octal(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]) && is_decimal_number(text);
}

// from_chars takes no plus sign.
template <class T>
std::errc convert(std::string_view text, T& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return std::from_chars(text.data(), text.data() + text.size(), value).ec;
}

[[noreturn]] void fail(const char* expected, std::string_view text, const std::string& advice = "") {
  throw ValueError(std::string("expected ") + expected + ", got " + quote(text) +
                   (advice.empty() ? "" : "; " + advice));
}

void refuse_octal(const char* expected, std::string_view text) {
  if (looks_octal(text)) fail(expected, text, "a leading zero can mean octal: write it without");
}

// What to say about a scalar that is no number but looks like one.
std::string number_advice(std::string_view text) {
  const std::string_view digits = without_sign(text);
  if (digits == ".inf" || digits == ".Inf" || digits == ".INF" || digits == ".nan" || digits == ".NaN" ||
      digits == "inf" || digits == "nan" || digits == "Infinity" || digits == "NaN")
    return "numbers are finite";
  if (digits.starts_with("0x") || digits.starts_with("0o") || digits.starts_with("0b")) return "write it in decimal";
  if (text.ends_with('%')) return "write a share, as 0.1 for 10%";
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  if (plain != text && is_decimal_number(plain)) return "write it without underscores: " + plain;
  plain.erase(std::remove(plain.begin(), plain.end(), ','), plain.end());
  if (plain != text && is_decimal_number(plain)) return "write it without commas, with a point before decimals";
  return "";
}

}  // namespace

bool parse_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  static constexpr std::array<std::string_view, 6> kOtherYes{"yes", "on", "y", "True", "TRUE", "1"};
  static constexpr std::array<std::string_view, 6> kOtherNo{"no", "off", "n", "False", "FALSE", "0"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char letter) { return 'A' <= letter && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; });
  const auto is_in = [&](const auto& words) {
    return std::find(words.begin(), words.end(), text) != words.end() ||
           std::find(words.begin(), words.end(), lower) != words.end();
  };
  if (is_in(kOtherYes)) fail("true or false", text, "write true");
  if (is_in(kOtherNo)) fail("true or false", text, "write false");
  fail("true or false", text);
}

std::int64_t parse_integer(std::string_view text) {
  constexpr const char* kExpected = "an integer";
  refuse_octal(kExpected, text);
  if (is_decimal_integer(text)) {
    std::int64_t value = 0;
    if (convert(text, value) != std::errc{}) fail(kExpected, text, "it does not fit 64 bits");
    return value;
  }
  if (!is_decimal_number(text)) fail(kExpected, text, number_advice(text));
  double value = 0.0;
  if (convert(text, value) != std::errc{} || value != std::trunc(value)) fail(kExpected, text);
  if (std::abs(value) > kLargestExactInteger) fail(kExpected, text, "write it out with all its digits");
  return static_cast<std::int64_t>(value);
}

double parse_number(std::string_view text) {
  constexpr const char* kExpected = "a number";
  refuse_octal(kExpected, text);
  if (!is_decimal_number(text)) fail(kExpected, text, number_advice(text));
  double value = 0.0;
  if (convert(text, value) != std::errc{}) fail(kExpected, text, "it is beyond what a double can hold");
  return value;
}

bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

Json plain_scalar_to_json(std::string_view text) {
  if (is_null_text(text)) return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  if (looks_octal(text))
    throw ValueError("the leading zero of " + quote(text) +
                     " can mean octal; write it without, or quote it when it is text");
  if (is_decimal_integer(text)) return parse_integer(text);
  if (is_decimal_number(text)) return parse_number(text);
  return std::string(text);
}

Json node_to_json(const ConfigNode& node) {
  if (node.is_null()) return nullptr;
  if (node.is_list()) {
    Json list = Json::array();
    for (const ConfigNode& item : node.children) list.push_back(node_to_json(item));
    return list;
  }
  if (node.is_map()) {
    Json map = Json::object();
    for (const ConfigNode& item : node.children) map[item.key] = node_to_json(item);
    return map;
  }
  if (node.quoted) return node.text;
  try {
    return plain_scalar_to_json(node.text);
  } catch (const ValueError& error) {
    throw ScalarError(node.position, error.what());
  }
}

namespace {

std::string describe_type(const std::string& type) {
  if (type == "integer") return "an integer";
  if (type == "number") return "a number";
  if (type == "boolean") return "true or false";
  if (type == "string") return "text";
  if (type == "array") return "a list";
  if (type == "object") return "a section";
  return "null";
}

// Also of alternatives that read the same, such as two kinds of text.
void add_once(std::vector<std::string>& names, const std::string& name) {
  for (const std::string& known : names)
    if (known == name) return;
  names.push_back(name);
}

// " (at least 0, below 1)", or "" without limits.
std::string describe_limits(const Json& schema) {
  std::string text;
  for (const auto& [key, words] : {std::pair("minimum", "at least "), std::pair("exclusiveMinimum", "above "),
                                   std::pair("maximum", "at most "), std::pair("exclusiveMaximum", "below ")}) {
    if (schema.contains(key)) text += (text.empty() ? " (" : ", ") + std::string(words) + schema[key].dump();
  }
  return text.empty() ? "" : text + ")";
}

std::string describe_alternatives(const Json& schemas) {
  std::vector<std::string> names;
  for (const Json& schema : schemas) add_once(names, describe_schema(schema));
  return join_alternatives(names);
}

}  // namespace

std::string join_alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string list_type_name(const std::string& item_type) {
  if (item_type == "an integer") return "a list of integers";
  if (item_type == "a number") return "a list of numbers";
  if (item_type == "text") return "a list of texts";
  if (item_type == "a section") return "a list of sections";
  return "a list, each item " + item_type;
}

std::string describe_schema(const Json& schema) {
  if (schema.contains("description")) return schema["description"].get<std::string>();
  for (const char* alternatives : {"anyOf", "oneOf"})
    if (schema.contains(alternatives)) return describe_alternatives(schema[alternatives]);
  std::vector<std::string> names;
  if (schema.contains("const"))
    names.push_back(schema["const"].is_string() ? schema["const"].get<std::string>() : schema["const"].dump());
  if (schema.contains("enum"))
    for (const Json& value : schema["enum"])
      names.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  if (names.empty() && schema.contains("type")) {
    const Json& type = schema["type"];
    if (type.is_string()) names.push_back(describe_type(type.get<std::string>()) + describe_limits(schema));
    if (type.is_array())
      for (const Json& name : type) add_once(names, describe_type(name.get<std::string>()));
  }
  return names.empty() ? "a value" : join_alternatives(names);
}

namespace {

using Int64Limits = std::numeric_limits<std::int64_t>;

std::string between(const Json& low, const Json& high) {
  if (low.is_null() && high.is_null()) return "";
  if (high.is_null()) return "at least " + low.dump();
  if (low.is_null()) return "at most " + high.dump();
  return "between " + low.dump() + " and " + high.dump();
}

Json bound(std::int64_t value) {
  if (value == Int64Limits::min() || value == Int64Limits::max()) return nullptr;
  return value;
}

Json bound(double value) {
  if (std::abs(value) >= std::numeric_limits<double>::max()) return nullptr;
  // "between 0 and 1", not "between 0.0 and 1.0".
  if (value == std::trunc(value) && std::abs(value) < 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

bool FieldRules::allows(std::int64_t value) const {
  if (integers && !integers->contains(value)) return false;
  return !numbers || numbers->contains(static_cast<double>(value));
}

bool FieldRules::allows(double value) const {
  if (numbers && !numbers->contains(value)) return false;
  return !integers || (static_cast<double>(integers->low) <= value && value <= static_cast<double>(integers->high));
}

Json FieldRules::low() const { return integers ? bound(integers->low) : numbers ? bound(numbers->low) : nullptr; }

Json FieldRules::high() const { return integers ? bound(integers->high) : numbers ? bound(numbers->high) : nullptr; }

std::string FieldRules::limits() const { return between(low(), high()); }

}  // namespace llmtool
