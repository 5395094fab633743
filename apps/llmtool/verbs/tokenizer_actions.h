#pragma once

#include <filesystem>
#include <memory>

#include "llmtool/tokenizer/tokenizer.h"
#include "verb.h"

namespace llmtool::app {

// Tokenizer::load(); logs what the files say against one another.
Tokenizer load_tokenizer(const std::filesystem::path& directory, const Context& context);

// The actions of `llmtool tokenizer` that go through a corpus.
std::unique_ptr<Verb> make_tokenizer_train();
std::unique_ptr<Verb> make_tokenizer_stats();
std::unique_ptr<Verb> make_tokenizer_diff();

}  // namespace llmtool::app
