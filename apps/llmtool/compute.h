#pragma once

#include "arguments.h"
#include "context.h"
#include "llmtool/core/errors.h"

namespace llmtool::app {

// What needs LibTorch. The front end `llmtool` defines these as handing over to `llmtool-torch` (hand_over.cpp);
// `llmtool-torch` defines them as the work itself (torch/*.cpp).
ExitCode run_training_verb(const TrainingArguments& arguments, Context& context);
ExitCode run_eval(const EvalArguments& arguments, Context& context);
ExitCode run_predict(const PredictArguments& arguments, Context& context);
ExitCode run_embed(const EmbedArguments& arguments, Context& context);
ExitCode run_generate(const GenerateArguments& arguments, Context& context);
ExitCode run_convert(const ConvertArguments& arguments, Context& context);
ExitCode run_env(Context& context);

}  // namespace llmtool::app
