#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/tokenizer/word_counts.h"

namespace llmtool {

// kWordPiece: BERT's pipeline. kBpe: GPT-2's bytes. kUnigram: ALBERT's, trained by the SentencePiece library.
enum class TrainedKind { kWordPiece, kBpe, kUnigram };

template <>
struct EnumNames<TrainedKind> {
  static constexpr std::array kNames{std::pair{TrainedKind::kWordPiece, std::string_view("wordpiece")},
                                     std::pair{TrainedKind::kBpe, std::string_view("bpe")},
                                     std::pair{TrainedKind::kUnigram, std::string_view("unigram")}};
};

struct TokenizerTraining {
  TrainedKind kind = TrainedKind::kWordPiece;
  std::int64_t vocab_size = 30000;  // special tokens and characters included
  bool lowercase = false;           // WordPiece: accents are stripped then, too
  // WordPiece and BPE: of a pair, to become a token. Unset: 2.
  std::optional<std::int64_t> min_frequency;
  // WordPiece and BPE: behind the usual ones: [PAD] [UNK] [CLS] [SEP] [MASK], or <|endoftext|>.
  std::vector<std::string> special_tokens;
  // WordPiece: most characters, the rarest become [UNK]. Unset: 1,000.
  std::optional<std::int64_t> limit_alphabet;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("type", self.kind, "wordpiece (as BERT), bpe (bytes, as GPT-2) or unigram (SentencePiece, as ALBERT)",
          OptionForm{.value = "TYPE"});
    visit("vocab_size", self.vocab_size, "Tokens, special ones and characters included",
          in_range<std::int64_t>(1, 1 << 24), OptionForm{.value = "N"});
    visit("lowercase", self.lowercase, "Text is lowercased first; with wordpiece accents go, too");
    visit("min_frequency", self.min_frequency, "wordpiece, bpe: occurrences that make a pair a token (default: 2)",
          at_least(1), OptionForm{.value = "N"});
    visit("special_tokens", self.special_tokens,
          "wordpiece, bpe: a further special token, behind [PAD] [UNK] [CLS] [SEP] [MASK] or <|endoftext|>; may be "
          "repeated. With bpe, <mask> becomes the mask token and <pad> that for padding",
          OptionForm{.value = "TOKEN"});
    visit("limit_alphabet", self.limit_alphabet, "wordpiece: most characters; rarer ones become [UNK] (default: 1000)",
          at_least(1), OptionForm{.value = "N"});
  }
};

struct TokenizerTrainingResult {
  WordCounts counts;                    // its words are gone
  std::int64_t num_distinct_words = 0;  // 0: Unigram, which is trained on texts
  std::int64_t vocabulary_size = 0;
  std::int64_t num_merges = 0;

  Json to_json() const;
};

// Trains a tokenizer on a stream of texts and writes it to `directory`, whole or not at all: tokenizer.json,
// tokenizer_config.json, special_tokens_map.json, and vocab.txt, vocab.json with merges.txt, or spiece.model. The same
// files for any number of threads. An existing directory is replaced. Throws DataError (no words), UsageError
// (vocab_size too small, a setting the kind does not have), ResourceError.
TokenizerTrainingResult train_tokenizer(const TokenizerTraining& training, const NextText& next_text,
                                        const std::filesystem::path& directory, std::int64_t num_threads,
                                        EventSink& events);

}  // namespace llmtool
