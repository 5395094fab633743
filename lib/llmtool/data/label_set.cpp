#include "llmtool/data/label_set.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "llmtool/core/errors.h"

namespace llmtool {

LabelSet::LabelSet(std::vector<std::string> names) : names_(std::move(names)) {
  for (std::size_t id = 0; id < names_.size(); ++id) {
    if (names_[id].empty()) throw DataError("the name of label " + std::to_string(id) + " is empty");
    if (!ids_.emplace(names_[id], static_cast<std::int64_t>(id)).second)
      throw DataError("the label " + quote(names_[id]) + " is listed twice");
  }
}

std::optional<std::int64_t> LabelSet::find(std::string_view name) const {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> integer_label(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (std::to_string(value) != text) return std::nullopt;  // "007" and "-0" are names
  return value;
}

LabelSet ordered_labels(std::vector<std::string> distinct_names) {
  const bool integers = std::all_of(distinct_names.begin(), distinct_names.end(),
                                    [](const std::string& name) { return integer_label(name).has_value(); });
  // Bytes of UTF-8 compare as code points do.
  if (integers)
    std::sort(distinct_names.begin(), distinct_names.end(), [](const std::string& left, const std::string& right) {
      return *integer_label(left) < *integer_label(right);
    });
  else
    std::sort(distinct_names.begin(), distinct_names.end());
  return LabelSet(std::move(distinct_names));
}

namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// A number as digits times a power of ten; the digits neither begin nor end with a zero, none are 0.
struct Decimal {
  bool is_negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

std::size_t take_digits(std::string_view text, std::size_t at, std::string& digits) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  digits.append(text.substr(begin, at - begin));
  return at;
}

// The power of ten behind "e"; nothing when it is none, or too large to be meant.
std::optional<std::int64_t> read_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
  constexpr std::int64_t kMost = 1'000'000'000;
  if (error != std::errc() || end != text.data() + text.size() || exponent > kMost || exponent < -kMost)
    return std::nullopt;
  return exponent;
}

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal number;
  std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  number.is_negative = at > 0 && text[0] == '-';
  at = take_digits(text, at, number.digits);
  const std::size_t num_whole = number.digits.size();
  if (at < text.size() && text[at] == '.') at = take_digits(text, at + 1, number.digits);
  if (number.digits.empty()) return std::nullopt;
  number.exponent = -static_cast<std::int64_t>(number.digits.size() - num_whole);
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const auto exponent = read_exponent(text.substr(at + 1));
    if (!exponent) return std::nullopt;
    number.exponent += *exponent;
  }
  const std::size_t last = number.digits.find_last_not_of('0');
  if (last == std::string::npos) return Decimal{};
  number.exponent += static_cast<std::int64_t>(number.digits.size() - last - 1);
  number.digits.resize(last + 1);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

// A name with one number in it: "1 star" is "", 1.
struct NumberedName {
  std::string_view before;
  std::int64_t number = 0;
};

std::optional<NumberedName> read_numbered(std::string_view name) {
  const auto first = static_cast<std::size_t>(std::find_if(name.begin(), name.end(), is_digit) - name.begin());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data() + first, name.data() + name.size(), number);
  if (error != std::errc() || std::any_of(end, name.data() + name.size(), is_digit)) return std::nullopt;
  return NumberedName{name.substr(0, first), number};
}

// Whether the names are numbered, and otherwise than the ids.
bool have_numbers_of_their_own(const std::vector<std::string>& names) {
  std::set<std::int64_t> numbers;
  std::string_view before;
  bool are_ids = true;
  for (std::size_t id = 0; id < names.size(); ++id) {
    const auto numbered = read_numbered(names[id]);
    if (!numbered || (id > 0 && numbered->before != before) || !numbers.insert(numbered->number).second) return false;
    before = numbered->before;
    are_ids = are_ids && numbered->number == static_cast<std::int64_t>(id);
  }
  return !are_ids;
}

}  // namespace

std::optional<std::string> number_value(std::string_view text) {
  const auto number = read_decimal(text);
  if (!number) return std::nullopt;
  return (number->is_negative ? "-" : "") + number->digits + "e" + std::to_string(number->exponent);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  auto number = read_decimal(text);
  if (!number || number->exponent < 0 || number->exponent > static_cast<std::int64_t>(kMostDigits)) return std::nullopt;
  number->digits.append(static_cast<std::size_t>(number->exponent), '0');
  if (number->digits.size() > kMostDigits) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(number->digits.data(), number->digits.data() + number->digits.size(), value);
  return number->is_negative ? -value : value;
}

LabelNames::LabelNames(const LabelSet& labels) : labels_(labels) {
  for (const std::string& name : labels.names())
    if (const auto value = number_value(name)) by_value_[*value].push_back(name);
}

std::optional<std::int64_t> LabelNames::find(const std::string& text) const {
  if (const auto id = labels_.find(text)) return id;
  const std::vector<std::string> equal = of_equal_value(text);
  // Of several none is taken: which one is meant cannot be told.
  return equal.size() == 1 ? labels_.find(equal.front()) : std::nullopt;
}

std::vector<std::string> LabelNames::of_equal_value(const std::string& text) const {
  const auto value = by_value_.empty() ? std::nullopt : number_value(text);
  const auto found = value ? by_value_.find(*value) : by_value_.end();
  return found == by_value_.end() ? std::vector<std::string>() : found->second;
}

bool LabelNames::can_be_ids() const { return by_value_.empty() && !have_numbers_of_their_own(labels_.names()); }

std::string LabelNames::why_no_ids() const {
  if (can_be_ids() || !by_value_.empty()) return "";
  return "Numbers are not taken for ids here, because the names have numbers of their own (" + quote(labels_.name(0)) +
         "); write the names.";
}

}  // namespace llmtool
