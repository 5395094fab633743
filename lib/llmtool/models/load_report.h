#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

// A weight whose stored shape is not the one the config asks for.
struct ShapeMismatch {
  std::string name;
  std::vector<std::int64_t> expected;
  std::vector<std::int64_t> found;
};

// What was found in a checkpoint, by name. Fatal are missing, unexpected and misshaped.
struct LoadReport {
  std::vector<std::string> matched;
  std::vector<std::string> missing;
  std::vector<std::string> unexpected;
  std::vector<ShapeMismatch> misshaped;
  std::vector<std::string> created;  // drawn anew: the head, a pooler the checkpoint lacks
  std::vector<std::string> unused;   // of other heads, and of the head that was replaced
  // Passed over: buffers without content, such as position_ids, copies of tied weights, and what model.ignore names.
  std::vector<std::string> ignored;
  std::string removed_prefix;      // that a wrapper had put before all names; "": none
  std::int64_t num_converted = 0;  // stored in another type than fp32
  bool head_kept = false;
  std::string head_reason;  // why it was kept or created anew; "" for a model without a head

  bool is_fatal() const { return !missing.empty() || !unexpected.empty() || !misshaped.empty(); }
  // One line for the log.
  std::string summary() const;
  // What makes it fatal, names and shapes listed, a line each.
  std::string problems() const;
  Json to_json() const;
};

}  // namespace llmtool
