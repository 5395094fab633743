#include "llmtool/inference/finite_vector.h"

#include <algorithm>
#include <cmath>

#include "llmtool/core/errors.h"

namespace llmtool {

void require_finite_vector(std::span<const float> vector) {
  if (!std::ranges::all_of(vector, [](float value) { return std::isfinite(value); }))
    throw NonFiniteError("the model returned a vector with NaN or infinity; its weights are probably damaged");
}

}  // namespace llmtool
