#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llmtool {

// One input of a language model before anything is hidden in it.
struct TokenSequence {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;  // empty: 0 everywhere
  // Tokens before this one were scored with the sequence before; here they are context.
  std::int64_t first_scored = 0;
  // Of a pair of segments: 0 when the second follows the first in its document (Hugging Face's next_sentence_label).
  std::optional<std::int64_t> pair_label;
};

// Token sequences of a corpus. fill() is a pure function of index and epoch; the number of sequences is the same in
// every epoch. Safe for several threads.
class SequenceSource {
 public:
  virtual ~SequenceSource() = default;
  virtual std::int64_t num_sequences() const = 0;
  // Length of fill()'s ids.
  virtual std::int64_t num_tokens(std::int64_t index, std::int64_t epoch) const = 0;
  virtual void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const = 0;
  // Where its text begins, for messages: "corpus.txt:18".
  virtual std::string describe(std::int64_t index) const = 0;
  // Sequences that lose tokens, because they are longer than a sequence may be, and how to keep them.
  virtual std::int64_t num_truncated() const { return 0; }
  virtual std::string advice_on_truncation() const { return "data.stride makes several sequences of them"; }
  // Documents of which no sequence can be made.
  virtual std::int64_t num_left_out() const { return 0; }
};

// What is put around and between the texts of a sequence.
struct SequenceFrame {
  std::int64_t length = 0;                  // longest sequence, special tokens included
  std::optional<std::int32_t> prefix;       // [CLS]
  std::optional<std::int32_t> suffix;       // [SEP]
  std::optional<std::int32_t> end_of_text;  // behind every document of a block

  std::int64_t num_special() const { return (prefix ? 1 : 0) + (suffix ? 1 : 0); }
  // Tokens of text in a full sequence.
  std::int64_t content_length() const { return length - num_special(); }
};

// How often the token `id` stands in the texts of all sequences of the first epoch; where sequences share tokens, each
// counts once, as it is scored once.
std::int64_t count_scored_tokens(const SequenceSource& sequences, std::int32_t id);

}  // namespace llmtool
