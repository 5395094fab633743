#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {

// One string of scripts/reference/tokenizer_goldens.py.
struct GoldenCase {
  std::string text;
  std::optional<std::string> pair;
  EncodeOptions options;
};

// What the tokenizers library makes of it.
struct GoldenAnswer {
  bool error = false;
  Encoding encoding;
  std::string decoded;
  std::string decoded_all;
};

std::filesystem::path tokenizer_fixture(const std::string& name);
std::vector<GoldenCase> read_golden_cases();
std::vector<GoldenAnswer> read_golden_answers(const std::string& name);

// Folder of the demo model's tokenizer (LLMTOOL_DEMO_MODEL), or of a real vocabulary (LLMTOOL_SHARED_DATA, else
// ../shared/data beside the checkout); nothing when it is not there, after a warning that names the variable.
std::optional<std::filesystem::path> demo_model();
std::optional<std::filesystem::path> shared_tokenizer(const std::string& name);

}  // namespace llmtool::testing
