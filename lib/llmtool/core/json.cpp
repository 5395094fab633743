#include "llmtool/core/json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// In code points.
constexpr std::size_t kLongestReason = 160;

// Whether the digits of a large integer are those of the double itself, so that nothing was rounded. Hugging Face
// writes "no limit" as int(1e30), 1000000000000000019884624838656.
bool is_exactly(double value, const std::string& digits) {
  char text[400];
  std::snprintf(text, sizeof(text), "%.0f", value);
  return digits == text;
}

// Builds the value and refuses what nlohmann_json lets through: duplicate keys, deep nesting, numbers beyond double.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit StrictBuilder(std::size_t most_values) : most_values_(most_values) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    // An integer that does not fit 64 bits arrives here as a double, rounded or not.
    if (text.find_first_of(".eE") == std::string::npos && !is_exactly(value, text))
      return fail("the integer " + shortened(text) + " does not fit 64 bits");
    return add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) return fail("duplicate key " + quote(name));
    key_ = name;
    return true;
  }
  bool parse_error(std::size_t offset, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    error_offset = offset > 0 ? offset - 1 : 0;
    message = describe(error.what());
    return false;
  }

  Json result;
  std::string message;
  std::size_t error_offset = std::string::npos;

 private:
  // nlohmann_json's text without its own prefix, position and context, and without what it read last, which may be as
  // long as the input and stands at the position that is told:
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - invalid
  // literal; last read: '[N'; expected ...".
  static std::string describe(std::string text) {
    for (const auto& [start, end] :
         {std::pair("[json.exception", "] "), std::pair("parse error", ": "), std::pair("syntax error while", " - ")}) {
      const std::size_t found = text.find(end);
      if (text.starts_with(start) && found != std::string::npos) text.erase(0, found + std::string_view(end).size());
    }
    const std::size_t last_read = text.find("; last read: '");
    if (last_read == std::string::npos) return shortened(text, kLongestReason);
    const std::size_t end = text.rfind("'; expected ");
    text.erase(last_read, end == std::string::npos || end < last_read ? std::string::npos : end + 1 - last_read);
    return shortened(text, kLongestReason);
  }
  bool fail(std::string text) {
    message = std::move(text);
    return false;
  }
  Json* place(Json&& value) {
    if (open_.empty()) {
      result = std::move(value);
      return &result;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    // key() has refused duplicates; operator[] would search all members, which is quadratic in a large vocabulary.
    auto& members = parent.get_ref<Json::object_t&>();
    members.emplace_back(std::move(key_), std::move(value));
    return &members.back().second;
  }
  bool count() {
    if (num_values_ == most_values_)
      return fail("more than " + std::to_string(most_values_) + " values, the most that are read");
    ++num_values_;
    return true;
  }
  bool add(Json value) {
    place(std::move(value));
    return count();
  }
  bool open(Json&& container) {
    if (!count()) return false;
    if (open_.size() == kDeepestJson) return fail("nested more than " + std::to_string(kDeepestJson) + " levels deep");
    open_.push_back(place(std::move(container)));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  std::vector<Json*> open_;
  std::vector<std::unordered_set<std::string>> keys_;
  std::string key_;
  std::size_t most_values_;
  std::size_t num_values_ = 0;
};

// Counts what the parser has consumed, so that errors raised between tokens have a place.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  CountingIterator(const char* at, const char** farthest) : at_(at), farthest_(farthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *farthest_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** farthest_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& file, ExitCode exit_code, std::int64_t first_line,
                std::size_t most_values) {
  const auto fail = [&](std::size_t offset, const std::string& message) -> void {
    throw Error(exit_code, position_in(text, offset, file, first_line).to_string() + ": invalid JSON: " + message);
  };
  if (const auto invalid = find_invalid_utf8(text))
    fail(*invalid, "the bytes here are not UTF-8 (byte offset " + std::to_string(*invalid) + ")");
  const char* farthest = text.data();
  StrictBuilder builder(most_values);
  const bool parsed = Json::sax_parse(CountingIterator(text.data(), &farthest),
                                      CountingIterator(text.data() + text.size(), &farthest), &builder);
  if (!parsed) {
    const std::size_t offset = builder.error_offset != std::string::npos
                                   ? builder.error_offset
                                   : static_cast<std::size_t>(farthest - text.data()) - 1;
    fail(offset, builder.message);
  }
  return std::move(builder.result);
}

Json read_json_file(const std::string& path, ExitCode exit_code) {
  const bool is_of_model = exit_code == ExitCode::kModel;
  std::string text = is_of_model ? read_model_file(path) : read_file(path);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  if (!is_of_model) return parse_json(text, path, exit_code);
  return parse_json(text, path, exit_code, 1, kMostModelValues);
}

std::string to_json_text(const Json& value, int indent) {
  const auto check = [](const auto& self, const Json& node) -> void {
    if (node.is_number_float() && !std::isfinite(node.get<double>()))
      throw std::logic_error("a non-finite number cannot be written as JSON");
    if (node.is_structured())
      for (const Json& child : node) self(self, child);
  };
  check(check, value);
  return value.dump(indent);
}

std::string json_excerpt(const Json& value) {
  const std::string quoted = quote(to_json_text(value));
  return quoted.substr(1, quoted.size() - 2);
}

namespace {

// Up to so many names are compared with each other.
constexpr std::size_t kFewNames = 16;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

class ObjectReader {
 public:
  ObjectReader(std::string_view text, const std::string& file, ExitCode exit_code, std::int64_t first_line)
      : text_(text), file_(file), exit_code_(exit_code), first_line_(first_line) {}

  std::vector<JsonMember> read() {
    skip_space();
    if (!starts_with('{')) fail("a JSON object such as {\"text\": \"…\"} is expected here");
    ++at_;
    ++depth_;
    skip_space();
    for (bool more = !take('}'); more; more = !take_end('}')) read_member();
    skip_space();
    if (at_ != text_.size()) fail("the object has ended, but more follows");
    require_distinct_names();
    return std::move(members_);
  }

 private:
  [[noreturn]] void fail_at(std::size_t offset, const std::string& message) const {
    throw Error(exit_code_, position_in(text_, offset, file_, first_line_).to_string() + ": invalid JSON: " + message);
  }
  [[noreturn]] void fail(const std::string& message) const {
    fail_at(at_, at_ < text_.size() ? message : "the line ends too early; " + message);
  }

  bool starts_with(char letter) const { return at_ < text_.size() && text_[at_] == letter; }
  bool take(char letter) {
    if (!starts_with(letter)) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  // True at the end of a container, false behind a comma.
  bool take_end(char closing) {
    skip_space();
    if (take(closing)) {
      --depth_;
      return true;
    }
    if (!take(',')) fail(std::string("',' or '") + closing + "' is expected here");
    skip_space();
    return false;
  }

  void read_member() {
    JsonMember member;
    name_offsets_.push_back(at_);
    member.name = read_name();
    member.kind = read_value(member.text);
    members_.push_back(std::move(member));
  }

  // With the colon and the space behind it.
  std::string read_name() {
    std::string name;
    if (!starts_with('"')) fail("a name in double quotes is expected here");
    read_string(name);
    skip_space();
    if (!take(':')) fail("':' is expected here");
    skip_space();
    return name;
  }

  // Appends what JsonMember::text holds.
  JsonKind read_value(std::string& text) {
    if (starts_with('"')) {
      read_string(text);
      return JsonKind::kString;
    }
    return read_other_value(text);
  }

  JsonKind read_other_value(std::string& text) {
    if (starts_with('{')) return read_container('}', JsonKind::kObject, text);
    if (starts_with('[')) return read_container(']', JsonKind::kArray, text);
    for (const auto& [word, kind] :
         {std::pair{std::string_view("null"), JsonKind::kNull}, std::pair{std::string_view("true"), JsonKind::kBoolean},
          std::pair{std::string_view("false"), JsonKind::kBoolean},
          std::pair{std::string_view("NaN"), JsonKind::kNotFinite},
          std::pair{std::string_view("Infinity"), JsonKind::kNotFinite},
          std::pair{std::string_view("-Infinity"), JsonKind::kNotFinite}}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      text.append(word);
      at_ += word.size();
      return kind;
    }
    return read_number(text);
  }

  JsonKind read_number(std::string& text) {
    const std::size_t begin = at_;
    take('-');
    if (at_ == text_.size() || !is_digit(text_[at_])) {
      at_ = begin;
      fail("a value is expected here");
    }
    if (!take('0')) skip_digits();
    JsonKind kind = JsonKind::kInteger;
    if (take('.')) {
      kind = JsonKind::kNumber;
      skip_digits();
    }
    if (take('e') || take('E')) {
      kind = JsonKind::kNumber;
      if (!take('+')) take('-');
      skip_digits();
    }
    text.append(text_.substr(begin, at_ - begin));
    return kind;
  }

  void skip_digits() {
    if (at_ == text_.size() || !is_digit(text_[at_])) fail("a digit is expected here");
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  }

  JsonKind read_container(char closing, JsonKind kind, std::string& text) {
    if (depth_ == kDeepestJson) fail("nested more than " + std::to_string(kDeepestJson) + " levels deep");
    ++depth_;
    text += text_[at_++];
    skip_space();
    if (take(closing)) {
      --depth_;
    } else {
      do {
        if (text.back() != '{' && text.back() != '[') text += ',';
        if (kind == JsonKind::kObject) text.append(to_json_text(read_name())).push_back(':');
        read_element(text);
      } while (!take_end(closing));
    }
    text += closing;
    return kind;
  }

  void read_element(std::string& text) {
    if (!starts_with('"')) {
      read_other_value(text);
      return;
    }
    const std::size_t begin = at_;
    std::string decoded;
    // What has no escapes is written as it stands.
    if (read_string(decoded)) {
      text.append(to_json_text(decoded));
    } else {
      text.append(text_.substr(begin, at_ - begin));
    }
  }

  // Appends the characters of the string that begins here; whether there were escapes.
  bool read_string(std::string& characters) {
    const std::size_t opening = at_++;
    bool has_escapes = false;
    for (;;) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20)
        ++at_;
      characters.append(text_.substr(begin, at_ - begin));
      if (at_ == text_.size()) fail_at(opening, "the string that begins here does not end on its line");
      if (take('"')) return has_escapes;
      if (!take('\\')) fail("a control character in a string must be written as an escape such as \\n or \\u0000");
      has_escapes = true;
      read_escape(characters);
    }
  }

  void read_escape(std::string& characters) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t begin = at_ - 1;
    const std::size_t found = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (found != std::string_view::npos) {
      ++at_;
      characters += kMeanings[found];
      return;
    }
    if (!take('u')) fail_at(begin, "there is no such escape");
    char32_t code_point = read_code_unit();
    const bool is_high = code_point >= 0xd800 && code_point < 0xdc00;
    if (is_high && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const char32_t low = read_code_unit();
      if (low < 0xdc00 || low > 0xdfff) fail_at(begin, "a surrogate stands without its other half");
      code_point = 0x10000 + ((code_point - 0xd800) << 10) + (low - 0xdc00);
    } else if (code_point >= 0xd800 && code_point < 0xe000) {
      fail_at(begin, "a surrogate stands without its other half");
    }
    append_utf8(code_point, characters);
  }

  char32_t read_code_unit() {
    constexpr std::string_view kDigits = "0123456789abcdef";
    char32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char letter = at_ < text_.size() ? text_[at_] : ' ';
      const std::size_t digit = kDigits.find(letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + 32) : letter);
      if (digit == std::string_view::npos) fail("four hexadecimal digits are expected behind \\u");
      unit = unit << 4 | static_cast<char32_t>(digit);
      ++at_;
    }
    return unit;
  }

  void require_distinct_names() const {
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const std::string& name = members_[i].name;
      const bool is_new = members_.size() <= kFewNames
                              ? std::none_of(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(i),
                                             [&](const JsonMember& member) { return member.name == name; })
                              : seen.insert(name).second;
      if (!is_new) fail_at(name_offsets_[i], "duplicate key " + quote(name));
    }
  }

  std::string_view text_;
  const std::string& file_;
  ExitCode exit_code_;
  std::int64_t first_line_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<JsonMember> members_;
  std::vector<std::size_t> name_offsets_;
};

}  // namespace

std::string describe(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBoolean:
      return "a boolean";
    case JsonKind::kInteger:
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kNotFinite:
      return "a number that is not finite";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kArray:
      return "a list";
    case JsonKind::kObject:
      return "an object";
  }
  throw std::logic_error("a kind of JSON value without a description");
}

std::vector<JsonMember> parse_json_object(std::string_view text, const std::string& file, ExitCode exit_code,
                                          std::int64_t first_line) {
  return ObjectReader(text, file, exit_code, first_line).read();
}

}  // namespace llmtool
