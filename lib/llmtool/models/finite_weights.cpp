#include "llmtool/models/finite_weights.h"

#include <ATen/Functions.h>

#include <cmath>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"

namespace llmtool {
namespace {

constexpr std::size_t kMostWeightsNamed = 10;

// The smallest and the largest number tell, without memory for an answer about each.
bool is_finite(const at::Tensor& weight) {
  if (weight.numel() == 0) return true;
  const auto [smallest, largest] = at::aminmax(weight.detach());
  return std::isfinite(smallest.item<double>()) && std::isfinite(largest.item<double>());
}

}  // namespace

void require_finite_weights(const Model& model, const std::filesystem::path& directory) {
  std::vector<std::string> damaged;
  for (const WeightRow& row : model.weight_rows())
    if (!is_finite(row.tensor)) damaged.push_back(row.name);
  if (damaged.empty()) return;
  const auto shown = [](const std::string& name) { return quote(name); };
  throw ModelError("the weights in " + quote(directory.string()) + " hold NaN or infinity, in " +
                   listed(damaged, shown, kMostWeightsNamed) + "; take another copy or checkpoint of the model");
}

}  // namespace llmtool
