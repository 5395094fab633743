#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/model.h"

namespace llmtool {

// How a family's body is made, its parameters uninitialised; `has_pooler` is of no meaning to families without one. One
// row per family, under the names of families().
struct BodyFactory {
  std::string_view model_type;
  std::shared_ptr<TextBody> (*make)(const Json& config, const std::string& file, bool has_pooler, at::Device device);
};

const std::vector<BodyFactory>& body_factories();

// The model a config.json describes, with what `head` puts on the body and the parts of the body that it uses, its
// parameters uninitialised; on the "meta" device nothing is allocated. `file` is for messages. Throws ModelError for a
// family that is not supported or lacks the head, or a config that is wrong.
std::shared_ptr<Model> make_model(const Json& config, const std::string& file, HeadKind head, at::Device device);

}  // namespace llmtool
