#include "llmtool/commands/generate.h"

#include <cstdio>

#include "torch/machine.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

GenerateRequest make_request(const GenerateOptions& options, const Context& context) {
  GenerateRequest request{options, choose_device(context)};
  // A stream has no extension; plain lines are what a pipe usually carries.
  if (request.format == FileFormat::kAuto && request.input == "-") request.format = FileFormat::kText;
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

ExitCode run_generate(const GenerateOptions& options, Context& context) {
  set_up_process(context);
  const GenerateRequest request = make_request(options, context);
  if (context.common.json || request.prompts.empty()) {
    generate_texts(
        request, [](const GeneratedRow& row) { print_json(row.to_json()); }, nullptr, context.log());
  } else {
    print_growing_texts(request, context);
  }
  return ExitCode::kOk;
}

const Work<GenerateOptions, run_generate> kGenerate;

}  // namespace
}  // namespace llmtool::app
