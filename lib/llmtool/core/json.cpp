#include "llmtool/core/json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_set>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json_object.h"
#include "llmtool/core/model_file.h"
#include "llmtool/core/printable.h"
#include "llmtool/core/utf8.h"

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

}  // namespace llmtool
