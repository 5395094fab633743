#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"

namespace llmtool::testing {

// A folder of the sentence-transformers library: a case of scripts/reference/sentence_transformers_goldens.py with the
// tiny BERT that all cases share.
class SentenceTransformerFolder {
 public:
  explicit SentenceTransformerFolder(const std::string& name);

  const std::filesystem::path& path() const { return directory_.path(); }
  std::filesystem::path operator/(std::string_view name) const { return directory_ / name; }
  void write(std::string_view file, std::string_view content) const { directory_.write(file, content); }
  // Replaces keys of a JSON file of the folder.
  void set(std::string_view file, const Json& changes) const;
  // What the library was asked and said.
  const Json& expected() const { return expected_; }

 private:
  TemporaryDirectory directory_;
  Json expected_;
};

// Names of all cases.
std::vector<std::string> sentence_transformer_cases();

}  // namespace llmtool::testing
