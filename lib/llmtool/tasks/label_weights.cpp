#include "llmtool/tasks/label_weights.h"

#include <algorithm>
#include <numeric>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"

namespace llmtool {
namespace {

// examples / (labels * examples of the label): scikit-learn's compute_class_weight("balanced").
std::vector<double> balanced_weights(const LabelSet& labels, std::span<const std::int64_t> counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  std::vector<double> weights;
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (counts[id] == 0)
      throw ConfigError("training.class_weights: balanced needs every label in the training data, but " +
                        quote(labels.name(static_cast<std::int64_t>(id))) +
                        " never occurs there; add examples of it, or give the weights by name");
    weights.push_back(total / (static_cast<double>(counts.size()) * static_cast<double>(counts[id])));
  }
  return weights;
}

std::string listed_labels(const LabelSet& labels) {
  constexpr std::size_t kMostListed = 10;
  return listed(labels.names(), quote, kMostListed);
}

std::vector<double> named_weights(const std::map<std::string, double>& by_name, const LabelSet& labels) {
  std::vector<double> weights(static_cast<std::size_t>(labels.size()), 1.0);
  for (const auto& [name, weight] : by_name) {
    const auto id = labels.find(name);
    if (!id) {
      const std::string near = nearest_name(name, labels.names());
      throw ConfigError("training.class_weights: " + quote(name) + " is not a label of the data" +
                        (near.empty() ? "" : "; did you mean " + quote(near) + "?") +
                        " (labels: " + listed_labels(labels) + ")");
    }
    weights[static_cast<std::size_t>(*id)] = weight;
  }
  return weights;
}

}  // namespace

std::vector<double> label_weights(const ClassWeights& weights, const LabelSet& labels,
                                  std::span<const std::int64_t> num_training_examples) {
  switch (weights.kind) {
    case ClassWeights::Kind::kBalanced:
      return balanced_weights(labels, num_training_examples);
    case ClassWeights::Kind::kByName:
      return named_weights(weights.by_name, labels);
    case ClassWeights::Kind::kNone:
      break;
  }
  return std::vector<double>(static_cast<std::size_t>(labels.size()), 1.0);
}

}  // namespace llmtool
