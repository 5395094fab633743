#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "llmtool/core/errors.h"

namespace llmtool {

// Where an example stands, for messages: "valid.csv:12". Empty: its number tells.
using ExampleName = std::function<std::string(std::int64_t)>;

// Does `work`, which judges an example; a NonFiniteError it throws tells where that stands.
template <class Work>
void judge_example(const ExampleName& name, std::int64_t example, const Work& work) {
  try {
    work();
  } catch (const NonFiniteError& error) {
    throw NonFiniteError((name ? name(example) : "example " + std::to_string(example + 1)) + ": " + error.what());
  }
}

}  // namespace llmtool
