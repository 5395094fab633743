#include "llmtool/data/label_assignment.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"

namespace llmtool {
namespace {

constexpr std::size_t kMostListed = 10;

std::vector<std::string> distinct_labels(const std::vector<Record>& records) {
  std::set<std::string_view> distinct;
  for (const Record& record : records) distinct.insert(record.label);
  return {distinct.begin(), distinct.end()};
}

std::string shown(const LabelSet& labels) { return listed(labels.names(), quote, kMostListed); }

bool all_integers(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [](const std::string& name) { return integer_label(name).has_value(); });
}

bool any_integer(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return integer_label(name).has_value(); });
}

std::optional<std::int64_t> find_label(const LabelSet& labels, const std::string& text, bool labels_are_ids) {
  if (!labels_are_ids) return labels.find(text);
  const std::optional<std::int64_t> id = integer_label(text);
  return id && *id >= 0 && *id < labels.size() ? id : std::nullopt;
}

struct UnknownValue {
  std::int64_t count = 0;
  std::int64_t first_line = 0;
};

[[noreturn]] void throw_unknown(const std::string& path, const std::map<std::string, UnknownValue>& unknown,
                                const LabelSet& labels, bool labels_are_ids) {
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
    if (!nearest.empty()) text += " (did you mean " + quote(nearest) + "?)";
  }
  if (labels_are_ids) text += "\nAll labels of this file are integers, so they were taken as ids from 0.";
  throw DataError(text +
                  "\nCorrect them, or leave such rows out with data.unknown_label: skip (--unknown-label skip); " +
                  "labels only a later file has can be listed under data.labels.");
}

[[noreturn]] void throw_one_class(const RecordFile& training, const std::string& label) {
  throw DataError(training.path + ": all " + std::to_string(training.records.size()) +
                  " training rows have the label " + quote(label) +
                  "; a classifier needs at least two labels. Is the label column the right one?");
}

}  // namespace

LabelChoice choose_labels(const RecordFile& training, const std::vector<std::string>& configured,
                          const LabelSet& head) {
  std::vector<std::string> distinct = distinct_labels(training.records);
  if (distinct.empty()) throw DataError(training.path + ": there are no training rows");
  if (distinct.size() == 1) throw_one_class(training, distinct.front());
  if (!configured.empty()) return {LabelSet(configured), LabelOrigin::kConfig};
  const LabelOrigin origin = all_integers(distinct) ? LabelOrigin::kIntegers : LabelOrigin::kNames;
  LabelSet labels = ordered_labels(std::move(distinct));
  if (head.size() > 0 && labels.has_same_names(head)) return {head, LabelOrigin::kHead};
  return {std::move(labels), origin};
}

LabelledRecords assign_labels(RecordFile file, const LabelSet& labels, UnknownLabel unknown_label) {
  LabelledRecords result;
  result.labels_are_ids =
      !any_integer(labels.names()) && !file.records.empty() && all_integers(distinct_labels(file.records));
  result.num_examples.resize(static_cast<std::size_t>(labels.size()));
  std::map<std::string, UnknownValue> unknown;
  for (Record& record : file.records) {
    const std::optional<std::int64_t> id = find_label(labels, record.label, result.labels_are_ids);
    if (!id) {
      UnknownValue& value = unknown[record.label];
      if (value.count++ == 0) value.first_line = record.line;
      ++result.num_skipped;
      continue;
    }
    result.label_ids.push_back(*id);
    ++result.num_examples[static_cast<std::size_t>(*id)];
    result.records.push_back(std::move(record));
  }
  if (!unknown.empty() && unknown_label == UnknownLabel::kError)
    throw_unknown(file.path, unknown, labels, result.labels_are_ids);
  if (result.records.empty())
    throw DataError(file.path + ": no row has one of the known labels (" + shown(labels) + ")");
  return result;
}

}  // namespace llmtool
