#include "llmtool/metrics/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {

void ExactSum::add(double value) {
  if (!std::isfinite(value)) throw NonFiniteError("a NaN or infinite value was met while a metric was summed");
  std::size_t kept = 0;
  for (double partial : partials_) {
    if (std::abs(value) < std::abs(partial)) std::swap(value, partial);
    const double high = value + partial;
    const double low = partial - (high - value);
    if (low != 0.0) partials_[kept++] = low;
    value = high;
  }
  if (!std::isfinite(value)) throw NonFiniteError("the sum of a metric is too large for a double");
  partials_.resize(kept);
  partials_.push_back(value);
}

void ExactSum::merge(const ExactSum& other) {
  // A copy, so that a sum may be merged with itself.
  for (const double partial : std::vector<double>(other.partials_)) add(partial);
}

double ExactSum::value() const {
  if (partials_.empty()) return 0.0;
  std::size_t next = partials_.size() - 1;
  double high = partials_[next];
  double low = 0.0;
  while (next > 0 && low == 0.0) {
    const double previous = high;
    const double partial = partials_[--next];
    high = previous + partial;
    low = partial - (high - previous);
  }
  // Half-way cases round to even only if the partials below are taken into account.
  if (next > 0 && ((low < 0.0) == (partials_[next - 1] < 0.0))) {
    const double doubled = low * 2.0;
    const double candidate = high + doubled;
    if (doubled == candidate - high) high = candidate;
  }
  return high;
}

void LossSum::add(double sum, double denominator) {
  sum_.add(sum);
  denominator_.add(denominator);
}

void LossSum::merge(const LossSum& other) {
  sum_.merge(other.sum_);
  denominator_.merge(other.denominator_);
}

MetricValue mean_loss(const LossSum& loss) {
  if (loss.denominator() == 0.0) return MetricValue::undefined("nothing was counted in the loss");
  return MetricValue::of(loss.sum() / loss.denominator());
}

void set_figure(Json& object, const std::string& name, const MetricValue& value) {
  object[name] = value.value ? Json(*value.value) : Json(nullptr);
  if (!value.value) object[name + "_undefined"] = value.reason;
}

const Metric* MetricReport::find(std::string_view name) const {
  for (const Metric& metric : metrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

Json MetricReport::to_json() const {
  Json result = Json::object();
  for (const Metric& metric : metrics) set_figure(result, metric.name, {metric.value, metric.reason});
  for (const auto& [name, value] : details.items()) result[name] = value;
  return result;
}

namespace {

constexpr std::size_t kMostLabelsInMatrix = 8;
constexpr std::size_t kMostLabelsListed = 40;

using Cells = std::vector<std::vector<std::string>>;

std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

std::string figure(const Json& value) {
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return value.is_number() ? figure(value.get<double>()) : "-";
}

// The first column aligned left, the others right, two spaces between them.
std::string aligned(const Cells& cells) {
  std::vector<std::size_t> widths;
  for (const auto& row : cells)
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (column == widths.size()) widths.push_back(0);
      widths[column] = std::max(widths[column], count_code_points(row[column]));
    }
  std::string text;
  for (const auto& row : cells) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - count_code_points(row[column]), ' ');
      text.append("  ").append(column == 0 ? row[column] : padding).append(column == 0 ? padding : row[column]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

std::string figures_table(const MetricReport& report) {
  Cells cells;
  std::string undefined;
  for (const Metric& metric : report.metrics) {
    cells.push_back({metric.name, metric.value ? figure(*metric.value) : "-"});
    if (!metric.value)
      undefined.append("  ").append(metric.name).append(" is undefined: ").append(metric.reason).append("\n");
  }
  return aligned(cells) + undefined;
}

std::string label_table(const Json& per_class) {
  Cells cells = {{"label", "precision", "recall", "f1", "support"}};
  for (const auto& [name, figures] : per_class.items()) {
    if (cells.size() > kMostLabelsListed) {
      cells.push_back({"… and " + std::to_string(per_class.size() - kMostLabelsListed) + " more (see --json)"});
      break;
    }
    cells.push_back({name, figure(figures.at("precision")), figure(figures.at("recall")), figure(figures.at("f1")),
                     figure(figures.at("support"))});
  }
  return aligned(cells);
}

std::string matrix_table(const Json& matrix) {
  Cells cells = {{"gold \\ predicted"}};
  for (const Json& label : matrix.at("labels")) cells.front().push_back(label.get<std::string>());
  for (std::size_t gold = 0; gold < matrix.at("labels").size(); ++gold) {
    cells.push_back({matrix.at("labels")[gold].get<std::string>()});
    for (const Json& count : matrix.at("rows")[gold]) cells.back().push_back(figure(count));
  }
  return aligned(cells);
}

}  // namespace

std::string report_table(const MetricReport& report) {
  std::string text = figures_table(report);
  if (const auto positive = report.details.find("positive_label"); positive != report.details.end())
    text += "  precision, recall and f1 are those of the label " + quote(positive->get<std::string>()) + "\n";
  if (const auto per_class = report.details.find("per_class"); per_class != report.details.end())
    text.append("\n").append(label_table(*per_class));
  if (const auto matrix = report.details.find("confusion_matrix");
      matrix != report.details.end() && matrix->at("labels").size() <= kMostLabelsInMatrix)
    text.append("\n").append(matrix_table(*matrix));
  return text;
}

}  // namespace llmtool
