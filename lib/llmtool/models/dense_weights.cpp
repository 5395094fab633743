#include "llmtool/models/dense_weights.h"

#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/formats/checkpoint.h"
#include "llmtool/models/weight_mapping.h"
#include "llmtool/models/weight_matching.h"

namespace llmtool {
namespace {

std::vector<WeightRow> dense_rows(const Dense& dense) {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, "linear", dense.linear->weight, dense.linear->bias);
  if (dense.residual) append_linear_rows(rows, "residual", dense.residual->weight, dense.residual->bias);
  return rows;
}

}  // namespace

std::shared_ptr<Dense> load_dense(const std::filesystem::path& folder, const DenseOptions& options) {
  const std::unique_ptr<TensorSource> source = open_checkpoint(folder);
  StoredWeights stored;
  for (const std::string& name : source->names()) stored.tensors.emplace(name, source->find(name));
  // Shapes are compared before anything of the size a config claims is allocated.
  const LoadReport report = match_weights(dense_rows(Dense(options, at::kMeta)), stored, MatchingRules{});
  if (report.is_fatal())
    throw ModelError("the weights in " + quote(folder.string()) + " are not those its config.json describes" +
                     report.problems());
  auto dense = std::make_shared<Dense>(options, at::kCPU);
  for (const WeightRow& row : dense_rows(*dense)) copy_weight(row, *stored.tensors.at(row.name));
  return dense;
}

}  // namespace llmtool
