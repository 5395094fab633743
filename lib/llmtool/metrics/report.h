#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {

// A figure, or the reason why it is undefined.
struct MetricValue {
  std::optional<double> value;
  std::string reason;

  static MetricValue of(double value) { return {value, ""}; }
  static MetricValue undefined(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

// A sum of doubles, rounded once: the value does not depend on the order of the summands or on how partial sums were
// merged (Shewchuk, "Adaptive precision floating-point arithmetic", 1997, as Python's math.fsum).
class ExactSum {
 public:
  // Throws NonFiniteError for NaN and infinity.
  void add(double value);
  void merge(const ExactSum& other);
  double value() const;

 private:
  std::vector<double> partials_;  // non-overlapping, increasing magnitude
};

// A loss summed over examples or tokens, with what it is divided by (examples, sum of class weights, predicted tokens).
// Mergeable; the mean does not depend on batches, order or merging.
class LossSum {
 public:
  // Throws NonFiniteError for NaN and infinity.
  void add(double sum, double denominator);
  void merge(const LossSum& other);

  double sum() const { return sum_.value(); }
  double denominator() const { return denominator_.value(); }

 private:
  ExactSum sum_;
  ExactSum denominator_;
};

// sum / denominator; undefined when nothing was counted.
MetricValue mean_loss(const LossSum& loss);

// One figure. Without a value, `reason` says why it is undefined; it is shown as null.
struct Metric {
  std::string name;
  std::optional<double> value;
  std::string reason;
};

// Puts a figure into an object: null with "<name>_undefined": reason where it has no value.
void set_figure(Json& object, const std::string& name, const MetricValue& value);

// What an evaluation found: figures in the order they are shown, and structured parts (per_class, confusion_matrix).
struct MetricReport {
  std::vector<Metric> metrics;
  Json details = Json::object();

  // nullptr when there is none of this name.
  const Metric* find(std::string_view name) const;
  // One object: every figure by name (null with "<name>_undefined": reason), then the details.
  Json to_json() const;
};

// The figures of a report as aligned text: a line per figure (undefined ones with their reason), a line per label, and
// the confusion matrix when it is small enough to read.
std::string report_table(const MetricReport& report);

}  // namespace llmtool
