#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace llmtool {

// Which columns of a file to read; what is unset is found by resolve_columns().
struct ColumnChoice {
  std::optional<bool> header;      // CSV and TSV: the first row names the columns
  std::vector<std::string> text;   // empty: unset
  std::vector<std::string> label;  // empty: unset
};

// Fills what is unset with what the model was trained with (llmtool.lock.json), else `text`, `label` and a header.
// Throws ModelError when llmtool.lock.json is damaged.
ColumnChoice resolve_columns(ColumnChoice choice, const std::filesystem::path& model_directory);

// All columns of texts the model was trained with, also those that its task does not read together; empty for a model
// that this tool did not train. Throws as resolve_columns().
std::vector<std::string> trained_text_columns(const std::filesystem::path& model_directory);

}  // namespace llmtool
