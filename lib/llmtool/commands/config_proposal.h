#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llmtool {

// A data file and a model to start a config for.
struct ConfigProposalRequest {
  std::string data;
  std::string model;
};

// What was seen in the data, and the config written from it.
struct ConfigProposal {
  std::vector<std::string> text;  // one column, or two for pairs; none where the task finds its own
  std::string label;
  std::optional<std::int64_t> max_length;
  std::int64_t num_rows = 0;    // rows read
  std::int64_t num_labels = 0;  // distinct labels among them
  std::string yaml;
};

// Proposes the task whose data has the layout of the file; for one of any columns, classification: reads the header and
// up to 100,000 rows, chooses columns by name or else by content, and max_length so that 99 % of the sample is not cut.
// Throws DataError when no text or label column can be told, ModelError for a bad model.
ConfigProposal propose_config(const ConfigProposalRequest& request);

}  // namespace llmtool
