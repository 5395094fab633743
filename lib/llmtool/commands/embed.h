#pragma once

#include "llmtool/commands/answered_rows.h"
#include "llmtool/inference/embedding_session.h"

namespace llmtool {

// One `llmtool embed`, everything of the command line and the machine resolved.
struct EmbedRequest : AnsweredRowsRequest {
  EmbeddingOptions embedding;
};

// Adds `embedding`, a list of numbers, to every row, or writes a matrix [rows, hidden] into a .npy file. Throws as
// answer_rows().
AnsweredRowsResult embed_file(const EmbedRequest& request, EventSink& events);

}  // namespace llmtool
