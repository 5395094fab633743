#include "llmtool/tasks/token_classification/pieces.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/parallel.h"
#include "llmtool/data/encoded_dataset.h"

namespace llmtool {
namespace {

constexpr std::int64_t kSentencesPerChunk = 64;

// Where a sentence's words stand in its text.
std::vector<TextRange> word_places(const TaggedSentence& sentence) {
  return sentence.text ? find_words(*sentence.text) : join_words(sentence.words).places;
}

// Words are asked for in the order of the text.
class WordFinder {
 public:
  explicit WordFinder(const std::vector<TextRange>& words) : words_(words) {}

  std::int32_t find(TextRange piece) {
    while (next_ < words_.size() && words_[next_].end <= piece.begin) ++next_;
    const bool covers = next_ < words_.size() && words_[next_].begin < std::max(piece.end, piece.begin + 1);
    return covers ? static_cast<std::int32_t>(next_) : -1;
  }

 private:
  const std::vector<TextRange>& words_;
  std::size_t next_ = 0;
};

struct SentencePieces {
  std::vector<Encoding> windows;
  std::vector<Piece> pieces;  // `feature` counts from the sentence's first
  std::vector<std::int32_t> first_pieces;
};

class SentenceEncoder {
 public:
  SentenceEncoder(const std::string& path, const Tokenizer& tokenizer, const TokenizerOptions& options,
                  const EmbeddingLimits& limits)
      : path_(path), tokenizer_(tokenizer), options_(WindowOptions::from(options)), limits_(limits) {}

  SentencePieces encode(const TaggedSentence& sentence) const {
    SentencePieces result;
    try {
      result.windows = sentence.text ? tokenizer_.encode_windows(*sentence.text, options_)
                                     : tokenizer_.encode_words(sentence.words, options_);
      for (Encoding& window : result.windows) limits_.apply(tokenizer_, window);
    } catch (const DataError& error) {
      throw DataError(SourcePosition{path_, sentence.line, 0}, error.what());
    }
    take_pieces(result);
    find_words_of_pieces(sentence, result);
    return result;
  }

 private:
  // Tokens of the text from one window to the next.
  std::int64_t step() const { return options_.max_length - tokenizer_.num_special_tokens(false) - options_.stride; }

  void take_pieces(SentencePieces& result) const {
    std::vector<std::int64_t> context;
    for (std::size_t index = 0; index < result.windows.size(); ++index) {
      const Encoding& window = result.windows[index];
      const auto count = std::ranges::count_if(window.sequence_ids, [](std::int32_t id) { return id >= 0; });
      const bool is_first = index == 0;
      const bool is_last = index + 1 == result.windows.size();
      constexpr std::int64_t kWhole = std::numeric_limits<std::int64_t>::max();
      std::int64_t number = 0;  // of the token among those of the text
      for (std::size_t token = 0; token < window.ids.size(); ++token) {
        if (window.sequence_ids[token] < 0) continue;
        const std::int64_t around = std::min(is_first ? kWhole : number, is_last ? kWhole : count - 1 - number);
        const auto place = static_cast<std::size_t>(static_cast<std::int64_t>(index) * step() + number++);
        if (place == result.pieces.size()) {
          result.pieces.emplace_back();
          context.push_back(-1);
        }
        if (around <= context.at(place)) continue;
        context[place] = around;
        result.pieces[place] = make_piece(window, index, token);
      }
    }
  }

  static Piece make_piece(const Encoding& window, std::size_t index, std::size_t token) {
    const Offset& offset = window.offsets[token];
    return {static_cast<std::int64_t>(index), static_cast<std::int32_t>(token), window.ids[token],
            window.word_ids.empty() ? -1 : window.word_ids[token], TextRange{offset.begin, offset.end}};
  }

  static void find_words_of_pieces(const TaggedSentence& sentence, SentencePieces& result) {
    const std::vector<TextRange> places = word_places(sentence);
    result.first_pieces.assign(sentence.words.size(), -1);
    WordFinder finder(places);
    for (std::size_t i = 0; i < result.pieces.size(); ++i) {
      Piece& piece = result.pieces[i];
      if (sentence.text) {
        piece.word = finder.find(piece.place);
      } else {
        const std::int64_t begin = places[static_cast<std::size_t>(piece.word)].begin;
        piece.place = {begin + piece.place.begin, begin + piece.place.end};
      }
      if (piece.word < 0) continue;
      std::int32_t& first = result.first_pieces[static_cast<std::size_t>(piece.word)];
      if (first < 0) first = static_cast<std::int32_t>(i);
    }
  }

  const std::string& path_;
  const Tokenizer& tokenizer_;
  const WindowOptions options_;
  const EmbeddingLimits& limits_;
};

void append(SentencePieces& sentence, std::int64_t example, EncodedSentences& result) {
  auto& input_ids = result.dataset.column<std::int32_t>(kInputIds);
  auto& type_ids = result.dataset.column<std::int32_t>(kTokenTypeIds);
  for (Piece& piece : sentence.pieces) piece.feature += result.dataset.num_features();
  for (const Encoding& window : sentence.windows) {
    if (window.ids.empty()) continue;
    input_ids.append(window.ids);
    type_ids.append(window.type_ids);
    result.dataset.finish_feature(example);
    result.num_tokens += static_cast<std::int64_t>(window.ids.size());
  }
  result.pieces.append(sentence.pieces);
  result.first_pieces.append(sentence.first_pieces);
  result.num_windowed += sentence.windows.size() > 1;
  result.num_words_without_piece += std::ranges::count(sentence.first_pieces, -1);
}

}  // namespace

EncodedSentences encode_sentences(std::span<const TaggedSentence> sentences, const std::string& path,
                                  const Tokenizer& tokenizer, const TokenizerOptions& options, std::int64_t num_threads,
                                  const std::string& what, EventSink& events, const EmbeddingLimits& limits) {
  const SentenceEncoder encoder(path, tokenizer, options, limits);
  const auto count = static_cast<std::int64_t>(sentences.size());
  std::vector<SentencePieces> encoded(sentences.size());
  const auto encode_chunk = [&](std::int64_t chunk) {
    const std::int64_t end = std::min((chunk + 1) * kSentencesPerChunk, count);
    for (std::int64_t i = chunk * kSentencesPerChunk; i < end; ++i)
      encoded[static_cast<std::size_t>(i)] = encoder.encode(sentences[static_cast<std::size_t>(i)]);
  };
  parallel_for((count + kSentencesPerChunk - 1) / kSentencesPerChunk, num_threads, encode_chunk,
               [&](std::int64_t num_begun) {
                 events.progress({.name = what,
                                  .done = std::min(num_begun * kSentencesPerChunk, count),
                                  .total = count,
                                  .unit = "sentences",
                                  .detail = {}});
               });
  EncodedSentences result;
  result.dataset.add_column<std::int32_t>(std::string(kInputIds));
  result.dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  for (std::int64_t i = 0; i < count; ++i) {
    append(encoded[static_cast<std::size_t>(i)], i, result);
    encoded[static_cast<std::size_t>(i)] = {};  // its memory is not needed twice
  }
  return result;
}

RaggedColumn<std::int64_t> piece_labels(const EncodedSentences& sentences,
                                        const RaggedColumn<std::int64_t>& word_labels,
                                        std::span<const std::int64_t> continued) {
  const std::vector<std::int64_t> lengths = sentences.dataset.lengths(kInputIds);
  std::vector<std::vector<std::int64_t>> labels;
  for (const std::int64_t length : lengths) labels.emplace_back(static_cast<std::size_t>(length), kIgnored);
  for (std::int64_t sentence = 0; sentence < sentences.pieces.size(); ++sentence) {
    const std::span<const Piece> pieces = sentences.pieces.row(sentence);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const Piece& piece = pieces[i];
      if (piece.word < 0) continue;
      const auto word = static_cast<std::size_t>(piece.word);
      const bool is_first = sentences.first_pieces.row(sentence)[word] == static_cast<std::int32_t>(i);
      if (!is_first && continued.empty()) continue;
      const std::int64_t label = word_labels.row(sentence)[word];
      labels[static_cast<std::size_t>(piece.feature)][static_cast<std::size_t>(piece.token)] =
          is_first ? label : continued[static_cast<std::size_t>(label)];
    }
  }
  RaggedColumn<std::int64_t> column;
  for (const std::vector<std::int64_t>& row : labels) column.append(row);
  return column;
}

std::vector<std::int64_t> labels_of_continuation(const std::vector<std::string>& labels) {
  std::vector<std::int64_t> continued;
  for (std::size_t id = 0; id < labels.size(); ++id) {
    const auto found =
        labels[id].starts_with("B-") ? std::ranges::find(labels, "I-" + labels[id].substr(2)) : labels.end();
    continued.push_back(found == labels.end() ? static_cast<std::int64_t>(id) : found - labels.begin());
  }
  return continued;
}

}  // namespace llmtool
