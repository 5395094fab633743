#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/encoding.h"
#include "llmtool/tokenizer/options.h"

namespace llmtool {

// Settings of one encode call. on_overlong is not here: who knows the row reads Encoding::truncated and reports it.
struct EncodeOptions {
  bool add_special_tokens = true;
  bool offsets = false;
  // Special tokens included. Unset: no truncation.
  std::optional<std::int64_t> max_length;
  TruncationStrategy truncation = TruncationStrategy::kLongestFirst;
  TruncationSide truncation_side = TruncationSide::kRight;

  static EncodeOptions from(const TokenizerOptions& options);
};

// How a text that is longer than a model reads is cut into windows that overlap, as the library's
// return_overflowing_tokens does.
struct WindowOptions {
  std::int64_t max_length = 0;  // of a window, special tokens included
  std::int64_t stride = 0;      // tokens of the text that two neighbouring windows share

  // max_length must be set.
  static WindowOptions from(const TokenizerOptions& options);
};

// The truncation section of a saved tokenizer.json: what the model was trained with. max_length unset: null.
struct SavedTruncation {
  std::optional<std::int64_t> max_length;
  TruncationStrategy strategy = TruncationStrategy::kLongestFirst;
  TruncationSide side = TruncationSide::kRight;
};

// What became of a list of words to be added.
struct AddedTokenCounts {
  std::int64_t num_added = 0;
  std::int64_t num_known = 0;     // in the vocabulary already, written exactly so
  std::int64_t num_repeated = 0;  // empty, or equal to an earlier one once normalised, so that it could never be found
};

// Text to token ids and back, equal to the `tokenizers` library on the same tokenizer.json. Immutable after loading:
// const members may be called from several threads at once.
class Tokenizer {
 public:
  // Reads tokenizer.json, else vocab.json and merges.txt, vocab.txt or a SentencePiece file (+ tokenizer_config.json).
  // Throws ModelError:
  // none of them there (lists what was looked for), malformed, or a component this version does not support (names it).
  static Tokenizer load(const std::filesystem::path& directory);

  // This tokenizer with `words` as added tokens behind the last id, as the library's add_tokens numbers and saves them:
  // found anywhere in the normalised text, not special. Throws DataError: a word with nothing left once normalised, or
  // not UTF-8.
  Tokenizer with_added_tokens(std::span<const std::string> words, AddedTokenCounts* counts = nullptr) const;

  // This tokenizer with the normalizer Lowercase before its own, unless it has one: do_lower_case of
  // sentence-transformers.
  Tokenizer with_lowercase() const;

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // Texts must be well-formed UTF-8; throws DataError with the byte offset otherwise. Throws UsageError when max_length
  // leaves no room for the special tokens, DataError when only_first / only_second cannot reach max_length.
  Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;
  Encoding encode(std::string_view text, std::string_view pair, const EncodeOptions& options = {}) const;
  // The same into `result`, whose memory is reused: the way to encode many texts. `pair` unset: a single text.
  void encode_into(std::string_view text, std::optional<std::string_view> pair, const EncodeOptions& options,
                   Encoding& result) const;

  // The windows of a text, or of `pair` with all of `text` in front of each; at least one, with offsets. Throws as
  // encode(), and DataError when the tokens that stand in every window leave no more room than the stride takes.
  std::vector<Encoding> encode_windows(std::string_view text, const WindowOptions& options) const;
  std::vector<Encoding> encode_windows(std::string_view text, std::string_view pair,
                                       const WindowOptions& options) const;
  // The same for a text that is given as words, each of which is tokenized alone (is_split_into_words=True), with
  // word_ids and with offsets within the word. A word may have no token at all.
  std::vector<Encoding> encode_words(std::span<const std::string> words, const WindowOptions& options) const;

  // Text of `ids` as the tokenizer's decoder writes it; ids outside the vocabulary are skipped, as the library does.
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens = true) const;

  // Text of one token ("##ing"); throws DataError when the id is not in the vocabulary.
  std::string_view token(std::int32_t id) const;
  // False for a gap in the ids, and beyond them.
  bool contains(std::int32_t id) const;
  // Id of a token written exactly so, added tokens included.
  std::optional<std::int32_t> find(std::string_view token) const;

  // Number of distinct tokens, added ones included.
  std::int64_t vocabulary_size() const;
  // Largest id + 1: rows an embedding needs. Differs from vocabulary_size() when ids have gaps.
  std::int64_t id_bound() const;

  std::optional<std::int32_t> pad_id() const;
  std::optional<std::int32_t> unk_id() const;
  std::optional<std::int32_t> cls_id() const;
  std::optional<std::int32_t> sep_id() const;
  std::optional<std::int32_t> mask_id() const;
  std::optional<std::int32_t> bos_id() const;
  std::optional<std::int32_t> eos_id() const;
  // What language models put behind a text: the end-of-text token, else the separator.
  std::optional<std::int32_t> end_of_text_id() const { return eos_id() ? eos_id() : sep_id(); }
  // True for added tokens marked special ([CLS], [PAD], …).
  bool is_special(std::int32_t id) const;
  // Whether tokens that go on a word begin with a mark ("##").
  bool marks_continuations() const;
  // Tokens added around a single text (pair = false) or two texts.
  std::int64_t num_special_tokens(bool pair) const;
  // What tokenizer_config.json says otherwise than tokenizer.json, which counts: a line each, for the log.
  const std::vector<std::string>& warnings() const;
  // truncation_side of tokenizer_config.json, where it is written.
  std::optional<TruncationSide> truncation_side() const;
  // model_max_length of tokenizer_config.json, when it is a real limit.
  std::optional<std::int64_t> model_max_length() const;

  // SHA-256 over the tokenizer's content, whatever file layout it came from; truncation and padding do not count.
  const std::string& content_hash() const;

  // Writes tokenizer.json, tokenizer_config.json, special_tokens_map.json, and for WordPiece vocab.txt, so that
  // AutoTokenizer.from_pretrained gives the same ids, and token types or none of them as `gives_types` says; unset: it
  // makes no difference for the model. Throws ResourceError.
  void save(const std::filesystem::path& directory, const SavedTruncation& truncation,
            std::optional<bool> gives_types = std::nullopt) const;

 private:
  struct State;
  explicit Tokenizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The words of a file, one a line, without the spaces around them; empty lines are skipped. Throws DataError with the
// line that is not UTF-8 or for a file without words, ResourceError.
std::vector<std::string> read_word_list(const std::filesystem::path& path);

}  // namespace llmtool
