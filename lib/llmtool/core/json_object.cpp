#include "llmtool/core/json_object.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/core/utf8.h"

namespace llmtool {
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
