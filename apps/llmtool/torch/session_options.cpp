#include "torch/session_options.h"

#include "llmtool/commands/precision_choice.h"
#include "llmtool/core/errors.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

// What is wrong in a run config is wrong usage of an option.
Precision choose_precision(const std::string& name, c10::Device device) {
  try {
    return resolve_precision(*enum_from_name<Precision>(name), device, "--precision");
  } catch (const ConfigError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

SessionOptions make_session_options(const SessionArguments& arguments, const Context& context) {
  SessionOptions options;
  options.device = choose_device(context);
  options.precision = choose_precision(arguments.precision, options.device);
  options.scoring.batch_size = arguments.batch_size;
  options.max_length = arguments.max_length;
  return options;
}

}  // namespace llmtool::app
