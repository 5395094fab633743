#include <algorithm>

#include "llmtool/tokenizer/tokenizer_state.h"

namespace llmtool {
namespace {

bool is_of_type(const Json& normalizer, const char* type) {
  return normalizer.is_object() && normalizer.value("type", Json()) == Json(type);
}

bool has_lowercase(const Json& normalizer) {
  if (!is_of_type(normalizer, "Sequence")) return is_of_type(normalizer, "Lowercase");
  const Json& parts = normalizer["normalizers"];
  return std::any_of(parts.begin(), parts.end(), [](const Json& part) { return is_of_type(part, "Lowercase"); });
}

}  // namespace

Tokenizer Tokenizer::with_lowercase() const {
  TokenizerFiles files = state_->files;
  Json& normalizer = files.document["normalizer"];
  if (!has_lowercase(normalizer)) {
    Json parts = Json::array({{{"type", "Lowercase"}}});
    if (is_of_type(normalizer, "Sequence")) {
      for (const Json& part : normalizer["normalizers"]) parts.push_back(part);
    } else if (!normalizer.is_null()) {
      parts.push_back(normalizer);
    }
    normalizer = {{"type", "Sequence"}, {"normalizers", std::move(parts)}};
  }
  return Tokenizer(std::make_unique<State>(std::move(files)));
}

}  // namespace llmtool
