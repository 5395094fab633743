#pragma once

#include <memory>
#include <string>

#include "llmtool/core/json.h"
#include "llmtool/models/language_model.h"
#include "llmtool/models/sequence_classifier.h"
#include "llmtool/models/text_encoder.h"

namespace llmtool {

// Models a config.json describes, their parameters uninitialised; on the "meta" device nothing is allocated. `file` is
// for messages. Throw ModelError for a family that is not supported or lacks the head, or a config that is wrong.
std::shared_ptr<SequenceClassifier> assemble_classifier(const Json& config, const std::string& file,
                                                        std::int64_t num_labels, at::Device device);
std::shared_ptr<LanguageModel> assemble_language_model(const Json& config, const std::string& file, HeadKind head,
                                                       at::Device device);
std::shared_ptr<TextEncoder> assemble_text_encoder(const Json& config, const std::string& file, at::Device device);

}  // namespace llmtool
