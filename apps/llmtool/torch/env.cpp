#include <algorithm>
#include <string>

#include "compute.h"
#include "llmtool/core/listed.h"
#include "torch/environment.h"
#include "torch/errors.h"

namespace llmtool::app {
namespace {

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  return listed(value, value_text);
}

}  // namespace

ExitCode run_env(Context& context) {
  return with_torch_errors([&] {
    const Json environment = describe_environment(context);
    if (context.common.json) {
      print_json(environment);
      return ExitCode::kOk;
    }
    std::string text;
    for (const auto& [name, value] : environment.items())
      text += name + std::string(20 - std::min<std::size_t>(19, name.size()), ' ') + value_text(value) + "\n";
    print(text);
    return ExitCode::kOk;
  });
}

}  // namespace llmtool::app
