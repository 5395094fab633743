#include "sentence_transformer_folder.h"

#include <algorithm>

#include "llmtool/inference/module_list.h"

namespace llmtool::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCases = "inference/sentence_transformers";
constexpr auto kOver = fs::copy_options::recursive | fs::copy_options::overwrite_existing;

}  // namespace

SentenceTransformerFolder::SentenceTransformerFolder(const std::string& name) {
  const fs::path source = fixture(kCases) / name;
  expected_ = read_json_file((source / "expected.json").string(), ExitCode::kInternal);
  fs::copy(source, path(), kOver);
  fs::remove(path() / "expected.json");
  fs::copy(fixture(kCases) / "transformer", transformer_folder(path()), kOver);
}

void SentenceTransformerFolder::set(std::string_view file, const Json& changes) const {
  const fs::path target = directory_ / file;
  Json content = fs::exists(target) ? read_json_file(target.string(), ExitCode::kInternal) : Json::object();
  content.update(changes);
  directory_.write(file, content.dump());
}

std::vector<std::string> sentence_transformer_cases() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(fixture(kCases)))
    if (entry.path().filename() != "transformer") names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace llmtool::testing
