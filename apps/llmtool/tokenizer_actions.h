#pragma once

#include <memory>

#include "verb.h"

namespace llmtool::app {

// Actions of `llmtool tokenizer`: each is a verb below it.
std::unique_ptr<Verb> make_tokenizer_train();
std::unique_ptr<Verb> make_tokenizer_verify();
std::unique_ptr<Verb> make_tokenizer_stats();
std::unique_ptr<Verb> make_tokenizer_diff();

}  // namespace llmtool::app
