#include "llmtool/data/language_model_options.h"

namespace llmtool {

void MaskingOptions::check(FieldErrors& errors) const {
  if (mask_share + random_share > 1.0 + 1e-12)
    errors.add("random_share", "mask_share and random_share are more than 1 together");
}

}  // namespace llmtool
