#include "llmtool/commands/embed.h"

#include "compute.h"
#include "torch/answered_rows_request.h"
#include "torch/errors.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

EmbedRequest make_request(const EmbedArguments& arguments, const Context& context) {
  EmbedRequest request{make_answered_rows_request(arguments, context)};
  if (!arguments.pooling.empty()) request.embedding.pooling = enum_from_name<Pooling>(arguments.pooling);
  if (arguments.normalize || arguments.no_normalize) request.embedding.normalize = arguments.normalize;
  request.embedding.prompt = arguments.prompt;
  request.embedding.prompt_name = arguments.prompt_name;
  return request;
}

}  // namespace

ExitCode run_embed(const EmbedArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    set_up_process(context);
    const EmbedRequest request = make_request(arguments, context);
    print_answered_rows(request, embed_file(request, context.log()), context);
    return ExitCode::kOk;
  });
}

}  // namespace llmtool::app
