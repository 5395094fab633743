#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/models/head_kind.h"
#include "llmtool/models/model.h"

namespace llmtool {

// One row per family, under the names of families().
struct ModelFactory {
  std::string_view model_type;
  std::shared_ptr<TextModel> (*make)(const Json& config, const std::string& file, HeadKind head, at::Device device);
};

const std::vector<ModelFactory>& model_factories();

// The body a config.json describes, with the parts that `head` uses (a pooler), its parameters uninitialised; on the
// "meta" device nothing is allocated. `file` is for messages. Throws ModelError for a family that is not supported or
// lacks the head, or a config that is wrong.
std::shared_ptr<TextModel> make_text_model(const Json& config, const std::string& file, HeadKind head,
                                           at::Device device);

}  // namespace llmtool
