#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>

#include "llmtool/commands/answered_rows.h"
#include "llmtool/inference/embedding_session.h"

namespace llmtool {

// One `llmtool embed`, everything of the command line and the machine resolved.
struct EmbedRequest : AnsweredRowsRequest {
  EmbeddingOptions embedding;
  // Unset: as choose_truncation() finds it.
  std::optional<std::int64_t> max_length;
  std::int64_t batch_size = 64;
  c10::Device device = c10::Device(c10::DeviceType::CPU);
};

// Adds `embedding`, a list of numbers, to every row, or writes a matrix [rows, hidden] into a .npy file. Throws as
// answer_rows().
AnsweredRowsResult embed_file(const EmbedRequest& request, EventSink& events);

}  // namespace llmtool
