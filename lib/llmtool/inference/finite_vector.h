#pragma once

#include <span>

namespace llmtool {

// Throws NonFiniteError for a text's vector with NaN or infinity in it.
void require_finite_vector(std::span<const float> vector);

}  // namespace llmtool
