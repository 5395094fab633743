#include "llmtool/commands/generate.h"

#include <cstdio>

#include "compute.h"
#include "table_options.h"
#include "torch/errors.h"
#include "torch/machine.h"

namespace llmtool::app {
namespace {

GenerateRequest make_request(const GenerateArguments& arguments, const Context& context) {
  GenerateRequest request;
  request.model = arguments.model;
  request.prompts = arguments.prompts;
  request.input = arguments.input;
  request.format = *enum_from_name<FileFormat>(arguments.format);
  // A stream has no extension; plain lines are what a pipe usually carries.
  if (request.format == FileFormat::kAuto && request.input == "-") request.format = FileFormat::kText;
  request.layout = table_layout(arguments.table);
  request.text_column = arguments.text_column;
  request.batch_size = arguments.batch_size;
  request.device = choose_device(context);
  request.choice = {.max_new_tokens = arguments.max_new_tokens,
                    .temperature = arguments.temperature,
                    .top_k = arguments.top_k,
                    .top_p = arguments.top_p,
                    .repetition_penalty = arguments.repetition_penalty,
                    .num_beams = arguments.num_beams,
                    .length_penalty = arguments.length_penalty,
                    .early_stopping = arguments.early_stopping,
                    .seed = arguments.seed,
                    .stop_strings = arguments.stop_strings,
                    .ignore_stored = arguments.ignore_generation_config};
  return request;
}

// One text after the other, each shown as it grows.
void print_growing_texts(GenerateRequest request, Context& context) {
  request.batch_size = 1;
  const std::vector<std::string> prompts = request.prompts;
  std::size_t number = 0;
  bool has_begun = false;
  const auto show = [&](std::size_t, std::string_view piece) {
    print((has_begun ? "" : prompts[number]) + std::string(piece));
    std::fflush(stdout);
    has_begun = true;
  };
  const auto end = [&](const GeneratedRow&) {
    print("\n");
    ++number;
    has_begun = false;
  };
  generate_texts(request, end, show, context.log());
}

}  // namespace

ExitCode run_generate(const GenerateArguments& arguments, Context& context) {
  return with_torch_errors([&] {
    set_up_process(context);
    const GenerateRequest request = make_request(arguments, context);
    if (context.common.json || request.prompts.empty()) {
      generate_texts(
          request, [](const GeneratedRow& row) { print_json(row.to_json()); }, nullptr, context.log());
    } else {
      print_growing_texts(request, context);
    }
    return ExitCode::kOk;
  });
}

}  // namespace llmtool::app
