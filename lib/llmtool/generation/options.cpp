#include "llmtool/generation/options.h"

#include "llmtool/core/errors.h"

namespace llmtool {

void check_generation_options(const GenerationOptions& options) {
  if (options.do_sample && options.num_beams > 1)
    throw ConfigError(
        "do_sample and num_beams above 1 do not go together; draw (num_beams: 1) or search "
        "(do_sample: false)");
  if (!options.do_sample && (options.temperature != 1.0 || options.top_k != 0 || options.top_p != 1.0))
    throw ConfigError("temperature, top_k and top_p change how tokens are drawn; set do_sample: true to draw them");
}

}  // namespace llmtool
