#include "session_options.h"

#include <CLI/CLI.hpp>

#include "number_check.h"

namespace llmtool::app {

void add_session_options(CLI::App& app, SessionArguments& arguments) {
  app.add_option("model", arguments.model, "Model directory, written by llmtool or Hugging Face")
      ->required()
      ->type_name("MODEL");
  app.add_option("--max-length", arguments.max_length, "Cut texts to this many tokens (default: as trained)")
      ->check(within(at_least(1)))
      ->type_name("N");
  app.add_option("--batch-size", arguments.batch_size, "Rows computed at once; does not change the result")
      ->check(within(in_range<std::int64_t>(1, 65536)))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--precision", arguments.precision,
                 "Numbers of the matrix products: fp32, bf16 (faster, about three digits), or auto: bf16 where the "
                 "processor computes it natively")
      ->check(CLI::IsMember({"auto", "fp32", "bf16"}).description(""))
      ->type_name("TYPE")
      ->capture_default_str();
}

}  // namespace llmtool::app
