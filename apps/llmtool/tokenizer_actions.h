#pragma once

#include <memory>

#include "verb.h"

namespace llmtool::app {

// Actions of `llmtool tokenizer`: each is a verb below it.
std::unique_ptr<Verb> make_tokenizer_train();

}  // namespace llmtool::app
