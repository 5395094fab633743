#pragma once

#include <string>
#include <string_view>

#include "llmtool/formats/pickle_value.h"

namespace llmtool {

// The Python names a weights file may use: collections.OrderedDict, torch._utils._rebuild_tensor_v2 (and _v3,
// _rebuild_parameter, _rebuild_parameter_with_state, torch._tensor._rebuild_from_type_v2 for tensors and parameters),
// storage classes and element types. Everything else throws ModelError naming it. A global is
// written module, line end, name.
void require_known_global(std::string_view global, const std::string& file);

// What such a function returns for a tuple of arguments: a dictionary or a tensor.
PickleValue call_torch_function(const PickleValue& function, const PickleValue& arguments, PickleMemory& memory,
                                const std::string& file);

// The storage that the persistent id ("storage", class, key, device, number of elements) names.
PickleValue torch_storage(const PickleValue& id, PickleMemory& memory, const std::string& file);

}  // namespace llmtool
