#include "llmtool/data/label_assignment.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/data/label_set.h"

namespace llmtool {
namespace {

constexpr std::size_t kMostListed = 10;

std::vector<std::string> distinct_labels(const std::vector<Record>& records) {
  std::set<std::string_view> distinct;
  for (const Record& record : records) distinct.insert(record.labels.begin(), record.labels.end());
  return {distinct.begin(), distinct.end()};
}

std::string shown(const LabelSet& labels) { return listed(labels.names(), quote, kMostListed); }

bool all_integers(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [](const std::string& name) { return integer_label(name).has_value(); });
}

bool all_whole_numbers(const std::vector<Record>& records) {
  const auto is_other = [](const std::string& name) { return !whole_number(name).has_value(); };
  const std::vector<std::string> distinct = distinct_labels(records);
  return !distinct.empty() && std::none_of(distinct.begin(), distinct.end(), is_other);
}

// Whether the names are those of the labels, in whatever order, numbers compared by value.
bool are_names_of(const std::vector<std::string>& names, const LabelSet& labels) {
  const LabelNames label_names(labels);
  std::set<std::int64_t> ids;
  for (const std::string& name : names)
    if (const auto id = label_names.find(name)) ids.insert(*id);
  return ids.size() == names.size() && static_cast<std::int64_t>(ids.size()) == labels.size();
}

std::optional<std::int64_t> find_label(const LabelSet& labels, const LabelNames& names, const std::string& text,
                                       bool labels_are_ids) {
  if (!labels_are_ids) return names.find(text);
  const std::optional<std::int64_t> id = whole_number(text);
  return id && *id >= 0 && *id < labels.size() ? id : std::nullopt;
}

struct UnknownValue {
  std::int64_t count = 0;
  std::int64_t first_line = 0;
};

[[noreturn]] void throw_unknown(const std::string& path, const std::map<std::string, UnknownValue>& unknown,
                                const LabelSet& labels, const LabelNames& names, bool are_numbers,
                                bool labels_are_ids) {
  std::string text = path + ": " + std::to_string(unknown.size()) +
                     (unknown.size() == 1 ? " label is not among the " : " labels are not among the ") +
                     std::to_string(labels.size()) + " known ones (" + shown(labels) + "):";
  std::size_t shown = 0;
  for (const auto& [label, value] : unknown) {
    if (shown++ == kMostListed) {
      text += "\n  … and " + std::to_string(unknown.size() - kMostListed) + " more";
      break;
    }
    text += "\n  " + quote(label) + " in " + std::to_string(value.count) + (value.count == 1 ? " row" : " rows") +
            ", first at line " + std::to_string(value.first_line);
    const std::string nearest = nearest_name(label, labels.names());
    const std::vector<std::string> equal = names.of_equal_value(label);
    if (equal.size() > 1) {
      text += " (the same number as " + listed(equal, quote) + ": which one is meant?)";
    } else if (!nearest.empty()) {
      text += " (did you mean " + quote(nearest) + "?)";
    }
  }
  if (labels_are_ids) text += "\nAll labels of this file are integers, so they were taken as ids from 0.";
  if (const std::string why = names.why_no_ids(); !why.empty() && are_numbers) text += "\n" + why;
  throw DataError(text +
                  "\nCorrect them, or leave such rows out with data.unknown_label: skip (--unknown-label skip); " +
                  "labels only a later file has can be listed under data.labels.");
}

[[noreturn]] void throw_one_class(const RecordFile& training, const std::string& label) {
  throw DataError(training.path + ": the only label in the " + std::to_string(training.records.size()) +
                  " training rows is " + quote(label) +
                  "; a classifier needs at least two labels. Is the label column the right one?");
}

}  // namespace

LabelChoice choose_labels(const RecordFile& training, const std::vector<std::string>& configured,
                          const LabelSet& head) {
  std::vector<std::string> distinct = distinct_labels(training.records);
  if (training.records.empty()) throw DataError(training.path + ": there are no training rows");
  if (distinct.empty()) throw DataError(training.path + ": no training row has a label");
  if (distinct.size() == 1) throw_one_class(training, distinct.front());
  if (!configured.empty()) return {LabelSet(configured), LabelOrigin::kConfig};
  if (head.size() > 0 && are_names_of(distinct, head)) return {head, LabelOrigin::kHead};
  const LabelOrigin origin = all_integers(distinct) ? LabelOrigin::kIntegers : LabelOrigin::kNames;
  return {ordered_labels(std::move(distinct)), origin};
}

namespace {

// Finds the labels of a file's rows, and keeps what is unknown until all rows have been seen.
class LabelFinder {
 public:
  LabelFinder(const RecordFile& file, const LabelSet& labels)
      : path_(file.path),
        labels_(labels),
        names_(labels),
        are_numbers_(all_whole_numbers(file.records)),
        labels_are_ids_(are_numbers_ && names_.can_be_ids()) {}

  bool labels_are_ids() const { return labels_are_ids_; }

  std::optional<std::int64_t> find(std::string_view label, std::int64_t line) {
    std::string text(label);
    const std::optional<std::int64_t> id = find_label(labels_, names_, text, labels_are_ids_);
    if (id) return id;
    UnknownValue& value = unknown_[std::move(text)];
    if (value.count++ == 0) value.first_line = line;
    return std::nullopt;
  }

  // Throws for labels that were not found, unless they are to be skipped, and when no row is left.
  void finish(UnknownLabel unknown_label, bool has_rows) const {
    if (!unknown_.empty() && unknown_label == UnknownLabel::kError)
      throw_unknown(path_, unknown_, labels_, names_, are_numbers_, labels_are_ids_);
    if (!has_rows) throw DataError(path_ + ": no row has one of the known labels (" + shown(labels_) + ")");
  }

 private:
  std::string path_;
  const LabelSet& labels_;
  LabelNames names_;
  bool are_numbers_;
  bool labels_are_ids_;
  std::map<std::string, UnknownValue> unknown_;
};

}  // namespace

LabelledRecords assign_labels(RecordFile file, const LabelSet& labels, UnknownLabel unknown_label) {
  LabelledRecords result;
  LabelFinder finder(file, labels);
  result.labels_are_ids = finder.labels_are_ids();
  result.num_examples.resize(static_cast<std::size_t>(labels.size()));
  for (Record& record : file.records) {
    const std::optional<std::int64_t> id = finder.find(record.label(), record.line);
    if (!id) {
      ++result.num_skipped;
      continue;
    }
    result.label_ids.push_back(*id);
    ++result.num_examples[static_cast<std::size_t>(*id)];
    result.records.push_back(std::move(record));
  }
  finder.finish(unknown_label, !result.records.empty());
  return result;
}

MultiLabelRecords assign_label_lists(RecordFile file, const LabelSet& labels, UnknownLabel unknown_label) {
  MultiLabelRecords result;
  LabelFinder finder(file, labels);
  result.labels_are_ids = finder.labels_are_ids();
  result.num_examples.resize(static_cast<std::size_t>(labels.size()));
  for (Record& record : file.records) {
    std::set<std::int64_t> ids;
    bool has_unknown = false;
    for (const std::string& label : record.labels) {
      const std::optional<std::int64_t> id = finder.find(label, record.line);
      if (id) ids.insert(*id);
      has_unknown = has_unknown || !id;
    }
    if (has_unknown) {
      ++result.num_skipped;
      continue;
    }
    for (const std::int64_t id : ids) ++result.num_examples[static_cast<std::size_t>(id)];
    result.label_ids.append(std::vector<std::int64_t>(ids.begin(), ids.end()));
    result.records.push_back(std::move(record));
  }
  finder.finish(unknown_label, !result.records.empty());
  return result;
}

std::string describe_label_ids(const std::string& path, const LabelSet& labels) {
  std::vector<std::string> meanings;
  for (std::int64_t id = 0; id < labels.size(); ++id)
    meanings.push_back(std::to_string(id) + " is " + quote(labels.name(id)));
  return "the labels of " + path + " are whole numbers and were taken as ids: " + listed(meanings, {}, kMostListed);
}

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
