#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {

// How the parts of an encoding follow one another: special tokens and the text or texts.
class PostProcessor {
 public:
  struct Piece {
    std::int32_t sequence;  // 0: first text, 1: second, -1: the special tokens in `ids`
    std::int32_t type_id;
    std::vector<std::int32_t> ids;
  };

  // Only the texts, with type ids 0 and 1.
  PostProcessor();
  PostProcessor(std::vector<Piece> single, std::vector<Piece> pair);

  const std::vector<Piece>& layout(bool pair) const { return pair ? pair_ : single_; }
  // Special tokens of a layout.
  std::int64_t num_special_tokens(bool pair) const;

 private:
  std::vector<Piece> single_;
  std::vector<Piece> pair_;
};

// Builds the post-processor a tokenizer.json names; throws ModelError for a type not in post_processor_types().
PostProcessor make_post_processor(ComponentReader reader);
std::vector<std::string> post_processor_types();

}  // namespace llmtool
