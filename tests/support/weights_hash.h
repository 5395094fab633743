#pragma once

#include <ATen/ATen.h>

#include <string>
#include <string_view>

#include "llmtool/core/hashing.h"
#include "llmtool/optim/parameter_store.h"

namespace llmtool::testing {

// Equal for bit-identical weights only.
inline std::string weights_hash(const ParameterStore& store) {
  Sha256 hash;
  for (const Parameter& parameter : store.parameters()) {
    const at::Tensor value = parameter.value.detach().cpu();
    hash.update(parameter.name + "\n");
    hash.update(std::string_view(static_cast<const char*>(value.const_data_ptr()), value.nbytes()));
  }
  return hash.hex_digest();
}

}  // namespace llmtool::testing
