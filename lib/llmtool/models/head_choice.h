#pragma once

#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/options.h"

namespace llmtool {

// What is known of a checkpoint's classifier before it is loaded.
struct StoredHead {
  bool has_weights = false;
  std::string architecture;         // first of `architectures`; "" when the config names none
  std::string wanted_architecture;  // of the head asked for
  std::vector<std::string> labels;
};

struct HeadChoice {
  bool keep = false;
  std::string reason;               // for log and report
  std::vector<std::string> labels;  // by id, of the head that comes out
};

// Keeps the stored head when its label names are the same set as `labels` (all of it when `labels` is empty), otherwise
// a new one is made. `ordered`: a kept head takes the order of `labels` instead of its own. Throws ModelError when the
// head must be kept (policy, or no labels to make a new one for) and cannot be.
HeadChoice choose_head(const StoredHead& stored, const std::vector<std::string>& labels, bool ordered,
                       HeadPolicy policy, const std::string& model_name);

}  // namespace llmtool
