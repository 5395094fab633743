#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <string>

#include "llmtool/commands/generate_options.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/inference/generation_session.h"

namespace llmtool {

// One `llmtool generate`, everything of the command line and the machine resolved.
struct GenerateRequest : GenerateOptions {
  c10::Device device = c10::Device(c10::DeviceType::CPU);
};

// A prompt with what follows it.
struct GeneratedRow {
  std::string prompt;
  Continuation continuation;

  // prompt, text, ids and why it ended: end_of_text, max_new_tokens, positions or stop_string.
  Json to_json() const;
};

// Continues every prompt and hands the rows to `take` in their order; `on_text`, where given, sees the text of a prompt
// as it is generated. Throws DataError (also for a missing column), UsageError, ModelError, ResourceError, and
// NonFiniteError naming the prompt.
void generate_texts(const GenerateRequest& request, const std::function<void(const GeneratedRow&)>& take,
                    const OnText& on_text, EventSink& events);

}  // namespace llmtool
