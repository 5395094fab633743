#include "llmtool/models/text_encoder.h"

namespace llmtool {

TextEncoder::TextEncoder(Json config, std::shared_ptr<TextModel> body)
    : AssembledModel(std::move(config), HeadKind::kNone, std::move(body)) {}

}  // namespace llmtool
