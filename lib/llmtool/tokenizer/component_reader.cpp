#include "llmtool/tokenizer/component_reader.h"

#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {

ComponentReader::ComponentReader(const Json& object, std::string file, std::string where)
    : object_(object), file_(std::move(file)), where_(std::move(where)) {
  if (!object_.is_object()) fail("must be an object");
}

bool ComponentReader::has(std::string_view key) const {
  const auto found = object_.find(std::string(key));
  return found != object_.end() && !found->is_null();
}

const Json& ComponentReader::value(std::string_view key) {
  const auto found = object_.find(std::string(key));
  if (found == object_.end()) fail("the key " + quote(key) + " is missing");
  used_.emplace(key);
  return *found;
}

bool ComponentReader::boolean(std::string_view key) {
  const Json& found = value(key);
  if (!found.is_boolean()) fail(quote(key) + " must be true or false");
  return found.get<bool>();
}

std::string ComponentReader::string(std::string_view key) {
  const Json& found = value(key);
  if (!found.is_string()) fail(quote(key) + " must be a text");
  return found.get<std::string>();
}

std::int64_t ComponentReader::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const Json& found = value(key);
  const bool fits = found.is_number_integer() &&
                    (!found.is_number_unsigned() || found.get<std::uint64_t>() <= static_cast<std::uint64_t>(high)) &&
                    found.get<std::int64_t>() >= low && found.get<std::int64_t>() <= high;
  if (!fits) fail(quote(key) + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return found.get<std::int64_t>();
}

std::vector<ComponentReader> ComponentReader::list(std::string_view key) {
  const Json& found = value(key);
  if (!found.is_array()) fail(quote(key) + " must be a list");
  std::vector<ComponentReader> readers;
  for (std::size_t i = 0; i < found.size(); ++i)
    readers.push_back(child(found[i], std::string(key) + "[" + std::to_string(i) + "]"));
  return readers;
}

ComponentReader ComponentReader::child(const Json& object, const std::string& name) const {
  return {object, file_, where_.empty() ? name : where_ + "." + name};
}

void ComponentReader::finish() const {
  for (const auto& [key, value] : object_.items())
    if (!value.is_null() && !used_.contains(key))
      fail("the key " + quote(key) + " is not supported; its value would be ignored");
}

void ComponentReader::fail(const std::string& message) const {
  throw ModelError({file_, 0, 0}, (where_.empty() ? "" : where_ + ": ") + message);
}

void ComponentReader::unsupported(const std::string& type, const std::vector<std::string>& known) const {
  fail("the type " + quote(type) + " is not supported yet; supported: " + listed(known));
}

char32_t read_character(ComponentReader& reader, std::string_view key) {
  const std::string text = reader.string(key);
  std::size_t end = 0;
  const char32_t character = text.empty() ? 0 : decode_utf8(text, end);
  if (text.empty() || end != text.size()) reader.fail(quote(key) + " must be one character, found " + quote(text));
  return character;
}

std::string replace_all(const std::string& text, std::string_view pattern, std::string_view replacement) {
  std::string replaced;
  std::size_t kept = 0;
  for (std::size_t at = text.find(pattern); at != std::string::npos; at = text.find(pattern, kept)) {
    replaced.append(text, kept, at - kept).append(replacement);
    kept = at + pattern.size();
  }
  return replaced.append(text, kept);
}

}  // namespace llmtool
