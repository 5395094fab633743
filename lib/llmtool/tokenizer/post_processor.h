#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/encoding.h"

namespace llmtool {

// Characters of whitespace at the ends of a token's text, Ġ counting as a space.
struct OuterSpaces {
  std::int32_t leading = 0;
  std::int32_t trailing = 0;
};
OuterSpaces outer_spaces(std::string_view token);

// How the parts of an encoding follow one another: special tokens and the text or texts.
class PostProcessor {
 public:
  struct Piece {
    std::int32_t sequence;  // 0: first text, 1: second, -1: the special tokens in `ids`
    std::int32_t type_id;
    std::vector<std::int32_t> ids;
  };

  // Takes spaces at the ends of a token out of its offsets (process_offsets() of pre_tokenizers/byte_level.rs).
  struct Trimming {
    // The first token's text begins with a space that was put there.
    bool add_prefix_space;
  };

  // Only the texts, with type ids 0 and 1.
  PostProcessor();
  PostProcessor(std::vector<Piece> single, std::vector<Piece> pair);
  void set_trimming(const Trimming& trimming) { trimming_ = trimming; }

  const std::vector<Piece>& layout(bool pair) const { return pair ? pair_ : single_; }
  // Special tokens of a layout.
  std::int64_t num_special_tokens(bool pair) const;

  const std::optional<Trimming>& trimming() const { return trimming_; }
  bool trims_offsets() const { return trimming_.has_value(); }
  // Of a token with offsets as they come from encoding; `is_first` among those of its text that are kept.
  Offset trimmed(Offset offset, OuterSpaces spaces, bool is_first) const;

 private:
  std::vector<Piece> single_;
  std::vector<Piece> pair_;
  std::optional<Trimming> trimming_;
};

// Builds the post-processor a tokenizer.json names; throws ModelError for a type not in post_processor_types().
PostProcessor make_post_processor(ComponentReader reader);
std::vector<std::string> post_processor_types();

}  // namespace llmtool
