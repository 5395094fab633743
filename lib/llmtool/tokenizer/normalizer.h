#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/normalized_text.h"

namespace llmtool {

// Rewrites a text before it is split into words.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void normalize(NormalizedText& text) const = 0;
};

// Builds the normalizer a tokenizer.json names; throws ModelError for a type not in normalizer_types().
std::unique_ptr<Normalizer> make_normalizer(ComponentReader reader);
std::vector<std::string> normalizer_types();

}  // namespace llmtool
