#include "llmtool/commands/embed.h"

#include "llmtool/commands/embed_options.h"
#include "torch/machine.h"
#include "torch/session_options.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

ExitCode run_embed(const EmbedOptions& options, Context& context) {
  set_up_process(context);
  const EmbedRequest request{make_answered_rows_request(options, context), options.embedding};
  print_answered_rows(request, embed_file(request, context.log()), context);
  return ExitCode::kOk;
}

const Work<EmbedOptions, run_embed> kEmbed;

}  // namespace
}  // namespace llmtool::app
