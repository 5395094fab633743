#include "llmtool/data/doubtful_labels.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "llmtool/core/errors.h"
#include "llmtool/data/label_names.h"

namespace llmtool {
namespace {

// What two names share that are probably one label; nothing when a name has none of it.
using Essence = std::optional<std::string> (*)(const std::string&);

std::optional<std::string> without_case_and_space(const std::string& name) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t first = name.find_first_not_of(kSpace);
  if (first == std::string::npos) return std::string();
  std::string text = name.substr(first, name.find_last_not_of(kSpace) + 1 - first);
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return text;
}

std::optional<std::string> value_of(const std::string& name) { return number_value(name); }

// "'neg' and 'Neg', 'pos' and 'pos ' and 3 more": names that share their essence with an earlier one.
std::string alike(const LabelSet& labels, Essence essence) {
  constexpr std::size_t kMostListed = 3;
  std::map<std::string, std::string> first_names;
  std::string text;
  std::size_t num_found = 0;
  for (const std::string& name : labels.names()) {
    const auto shared = essence(name);
    if (!shared) continue;
    const auto [first, is_new] = first_names.emplace(*shared, name);
    if (is_new) continue;
    if (num_found++ < kMostListed) text += (num_found > 1 ? ", " : "") + quote(first->second) + " and " + quote(name);
  }
  if (num_found > kMostListed) text += " and " + std::to_string(num_found - kMostListed) + " more";
  return text;
}

// How many numbers a cell lists, such as 3 for "0,13,15" or "[0, 13, 15]"; 0 when there is something else.
std::size_t count_listed_numbers(std::string_view name) {
  std::size_t count = 0;
  bool in_number = false;
  for (const char letter : name) {
    const bool is_digit = letter >= '0' && letter <= '9';
    if (!is_digit && std::string_view(",; []").find(letter) == std::string_view::npos) return 0;
    count += is_digit && !in_number ? 1 : 0;
    in_number = is_digit;
  }
  return count;
}

// "1,5" may be a number with a decimal comma; three numbers, or two beside one alone, are a list.
std::optional<std::string> find_list(const LabelSet& labels) {
  bool has_single = false;
  std::optional<std::string> pair;
  for (const std::string& name : labels.names()) {
    const std::size_t count = count_listed_numbers(name);
    if (count > 2) return name;
    has_single = has_single || count == 1;
    if (count == 2 && !pair) pair = name;
  }
  return has_single ? pair : std::nullopt;
}

}  // namespace

std::vector<std::string> describe_doubtful_labels(const LabelSet& labels, const std::string& label_column) {
  std::vector<std::string> doubts;
  if (const std::string names = alike(labels, without_case_and_space); !names.empty())
    doubts.push_back("labels differ only in case or in the white space around them: " + names +
                     "; they are different labels");
  if (const std::string names = alike(labels, value_of); !names.empty())
    doubts.push_back("labels are the same number: " + names + "; they are different labels");
  if (labels.find(label_column))
    doubts.push_back("one of the labels is " + quote(label_column) +
                     ", the name of the label column; does the header stand in the data once more?");
  if (const auto list = find_list(labels))
    doubts.push_back("the label " + quote(*list) +
                     " is a list of numbers; a row has one label here, and each such list is one of its own");
  return doubts;
}

}  // namespace llmtool
