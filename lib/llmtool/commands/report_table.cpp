#include "llmtool/commands/report_table.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "llmtool/core/utf8.h"

namespace llmtool {
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
