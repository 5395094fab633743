#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Label names by id from `id2label`; without it Hugging Face's default, LABEL_0 and LABEL_1. `file` is for messages.
// Throws ModelError when ids are not 0 … n-1, each once, or names are not distinct strings.
std::vector<std::string> read_labels(const Json& config, const std::string& file);

// How many there are: the outputs of a head that scores them. Throws as read_labels().
std::int64_t num_labels(const Json& config, const std::string& file);

// Writes id2label and label2id as Hugging Face does. Throws std::invalid_argument for duplicate names.
void write_labels(Json& config, const std::vector<std::string>& labels);

// Equal as sets. Both hold distinct names.
bool same_labels(const std::vector<std::string>& left, const std::vector<std::string>& right);

}  // namespace llmtool
