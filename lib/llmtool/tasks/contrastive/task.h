#pragma once

#include <memory>

#include "llmtool/tasks/task.h"

namespace llmtool {

// Vectors of texts: a text comes to lie near its counterpart and far from those of others.
std::unique_ptr<Task> make_contrastive_task();

}  // namespace llmtool
