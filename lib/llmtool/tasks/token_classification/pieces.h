#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/tagged_sentences.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// A token of a sentence, in the one of its windows where it has the most context: the smaller number of tokens on
// either side that the window has and the text goes on behind; of equal ones in the first.
struct Piece {
  std::int64_t feature = 0;  // the window, among those of the dataset
  std::int32_t token = 0;    // in it
  std::int32_t id = 0;
  std::int32_t word = -1;  // of the sentence; -1: between words
  TextRange place;         // in the sentence's text, or in its words with a space between them
};

// Sentences as a model reads them. One that is longer than the model has several windows; one without any token, not
// even a special one, has none.
struct EncodedSentences {
  EncodedDataset dataset;                   // columns kInputIds and kTokenTypeIds; the example ids are sentences
  RaggedColumn<Piece> pieces;               // [sentences], every token of the text once
  RaggedColumn<std::int32_t> first_pieces;  // [sentences], by word: its first piece, -1 for a word that has none
  std::int64_t num_tokens = 0;              // of all windows, special tokens included
  std::int64_t num_windowed = 0;            // sentences with several windows
  std::int64_t num_words_without_piece = 0;
};

// Turns sentences into windows of token ids on `num_threads` threads; the result does not depend on their number. Given
// words are tokenized one by one, a running text as a whole: its pieces belong to the first word they cover a part of.
// `path` is for messages, `what` for progress. Throws DataError with the line of a sentence that the tokenizer refuses
// or that has a token beyond `limits`, ModelError for token types beyond them.
EncodedSentences encode_sentences(std::span<const TaggedSentence> sentences, const std::string& path,
                                  const Tokenizer& tokenizer, const TokenizerOptions& options, std::int64_t num_threads,
                                  const std::string& what, EventSink& events, const EmbeddingLimits& limits);

// A piece without a label.
inline constexpr std::int64_t kIgnored = -100;

// The label of every token of every feature, kIgnored for most: the first piece of a word has the word's
// (`word_labels` by sentence and word), each in the one window that it is taken from. With `continued` further pieces
// are labelled, too: continued[label] is theirs.
RaggedColumn<std::int64_t> piece_labels(const EncodedSentences& sentences,
                                        const RaggedColumn<std::int64_t>& word_labels,
                                        std::span<const std::int64_t> continued = {});

// By label: the one with I- instead of its B-, where there is such a one, else itself.
std::vector<std::int64_t> labels_of_continuation(const std::vector<std::string>& labels);

}  // namespace llmtool
