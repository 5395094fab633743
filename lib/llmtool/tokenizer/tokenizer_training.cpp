#include "llmtool/tokenizer/tokenizer_training.h"

#include <algorithm>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/bert_normalizer.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/merge_trainer.h"
#include "llmtool/tokenizer/simple_pre_tokenizers.h"
#include "llmtool/tokenizer/tokenizer.h"
#include "llmtool/tokenizer/trained_files.h"
#include "llmtool/tokenizer/unigram_trainer.h"

namespace llmtool {
namespace {

constexpr std::int64_t kUsualMinFrequency = 2;
constexpr std::int64_t kUsualAlphabetLimit = 1000;  // of WordPiece, as in BertWordPieceTokenizer

CutText cut_as_bert(bool lowercase) {
  const BertNormalizer normalizer({.strip_accents = lowercase, .lowercase = lowercase});
  return [normalizer](std::string_view text, const TakeWord& take) {
    PreTokenizedText pre_tokenized{NormalizedText(text, 0), {}};
    normalizer.normalize(pre_tokenized.text);
    if (pre_tokenized.text.size() == 0) return;
    pre_tokenized.words.push_back({0, pre_tokenized.text.size()});
    BertPreTokenizer().split(pre_tokenized);
    for (const PreTokenizedText::Word& word : pre_tokenized.words)
      take(pre_tokenized.text.part(word.begin, word.end).to_utf8());
  };
}

CutText cut_as_gpt2(bool lowercase) {
  return [lowercase](std::string_view text, const TakeWord& take) {
    std::string lowered;
    if (lowercase) {
      NormalizedText characters(text, 0);
      characters.to_lowercase();
      text = lowered = characters.to_utf8();
    }
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = end_of_gpt2_word(text, begin);
      take(text.substr(begin, end - begin));
      begin = end;
    }
  };
}

// Words of bytes in GPT-2's alphabet.
void write_as_bytes(std::string_view word, const TakeWord& take) {
  std::string written;
  append_byte_characters(word, written);
  take(written);
}

std::u32string byte_alphabet() {
  std::u32string alphabet;
  for (int byte = 0; byte < 256; ++byte) alphabet += character_of_byte(static_cast<unsigned char>(byte));
  return alphabet;
}

std::vector<std::string> all_special_tokens(const TokenizerTraining& training) {
  std::vector<std::string> tokens = usual_special_tokens(training.kind);
  for (const std::string& token : training.special_tokens) {
    if (token.empty() || find_invalid_utf8(token))
      throw UsageError("the special token " + quote(token) + " must be text in UTF-8 and not empty");
    if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) tokens.push_back(token);
  }
  return tokens;
}

MergeTraining merge_training(const TokenizerTraining& training, const std::vector<std::string>& special_tokens) {
  MergeTraining options;
  options.vocab_size = training.vocab_size;
  options.min_frequency = training.min_frequency.value_or(kUsualMinFrequency);
  options.special_tokens = special_tokens;
  if (training.kind == TrainedKind::kWordPiece) {
    options.limit_alphabet = training.limit_alphabet.value_or(kUsualAlphabetLimit);
    options.continuing_subword_prefix = "##";
  } else {
    if (training.limit_alphabet)
      throw UsageError("a limit of the alphabet is for wordpiece: the characters of bpe are the 256 bytes");
    options.initial_alphabet = byte_alphabet();
  }
  return options;
}

void warn_of_left_out(const WordCounts& counts, EventSink& events) {
  if (counts.num_overlong > 0)
    events.warning(std::to_string(counts.num_overlong) + " words of more than " + std::to_string(kLongestCountedWord) +
                   " bytes were left out");
  if (counts.num_rare > 0)
    events.warning("more than " + std::to_string(kMostDistinctWords) +
                   " distinct words: " + std::to_string(counts.num_rare) + " that had been seen fewer than " +
                   std::to_string(counts.least_kept) + " times were forgotten on the way");
}

void warn_of_small_vocabulary(const TokenizerTraining& training, std::int64_t size, const std::string& reason,
                              EventSink& events) {
  if (size < training.vocab_size)
    events.warning("the vocabulary has " + std::to_string(size) + " tokens instead of " +
                   std::to_string(training.vocab_size) + ": " + reason);
}

TokenizerTrainingResult train_by_merging(const TokenizerTraining& training, const NextText& next_text,
                                         const std::filesystem::path& directory, std::int64_t num_threads,
                                         EventSink& events) {
  const std::vector<std::string> special_tokens = all_special_tokens(training);
  const MergeTraining options = merge_training(training, special_tokens);
  const bool is_word_piece = training.kind == TrainedKind::kWordPiece;

  TokenizerTrainingResult result;
  result.counts =
      count_words(next_text, is_word_piece ? cut_at_spaces : cut_as_gpt2(training.lowercase), num_threads, events);
  warn_of_left_out(result.counts, events);
  const std::vector<CountedWord> words = cut_further(std::exchange(result.counts.words, {}),
                                                     is_word_piece ? cut_as_bert(training.lowercase) : write_as_bytes);
  if (words.empty()) throw DataError("the input holds no words to train on");
  result.num_distinct_words = static_cast<std::int64_t>(words.size());

  const TrainedMerges trained = train_merges(words, options, [&](std::int64_t num_tokens) {
    events.progress({.name = "merging", .done = num_tokens, .total = training.vocab_size, .unit = "tokens"});
  });
  result.vocabulary_size = static_cast<std::int64_t>(trained.tokens.size());
  result.num_merges = static_cast<std::int64_t>(trained.merges.size());
  warn_of_small_vocabulary(training, result.vocabulary_size,
                           "the texts hold no further pair that occurs " + std::to_string(options.min_frequency) +
                               " times (--min-frequency)",
                           events);
  write_directory_atomically(directory, [&](const std::filesystem::path& folder) {
    write_trained_files(training, special_tokens, trained, folder);
  });
  return result;
}

TokenizerTrainingResult train_with_sentencepiece(const TokenizerTraining& training, const NextText& next_text,
                                                 const std::filesystem::path& directory, EventSink& events) {
  if (training.min_frequency || training.limit_alphabet || !training.special_tokens.empty())
    throw UsageError(
        "a frequency of pairs, a limit of the alphabet and further special tokens are for wordpiece and bpe, not for "
        "unigram");
  const TrainedUnigram trained =
      train_unigram({.vocab_size = training.vocab_size, .lowercase = training.lowercase}, next_text, events);
  if (trained.num_overlong > 0)
    events.warning(std::to_string(trained.num_overlong) + " texts of more than " + std::to_string(kLongestUnigramText) +
                   " bytes were left out");
  TokenizerTrainingResult result;
  result.counts.num_texts = trained.num_texts;
  result.counts.num_bytes = trained.num_bytes;
  write_directory_atomically(directory, [&](const std::filesystem::path& folder) {
    write_unigram_files(training, trained.model, folder);
    result.vocabulary_size = Tokenizer::load(folder).vocabulary_size();
  });
  warn_of_small_vocabulary(training, result.vocabulary_size, "the texts hold no further pieces", events);
  return result;
}

}  // namespace

Json TokenizerTrainingResult::to_json() const {
  Json object{{"num_texts", counts.num_texts}, {"num_bytes", counts.num_bytes}, {"vocabulary_size", vocabulary_size}};
  if (num_distinct_words == 0) return object;  // Unigram is trained on texts
  object["num_words"] = counts.num_words;
  object["num_distinct_words"] = num_distinct_words;
  object["num_overlong_words"] = counts.num_overlong;
  object["num_rare_words_dropped"] = counts.num_rare;
  object["num_merges"] = num_merges;
  return object;
}

TokenizerTrainingResult train_tokenizer(const TokenizerTraining& training, const NextText& next_text,
                                        const std::filesystem::path& directory, std::int64_t num_threads,
                                        EventSink& events) {
  if (training.kind == TrainedKind::kUnigram) return train_with_sentencepiece(training, next_text, directory, events);
  return train_by_merging(training, next_text, directory, num_threads, events);
}

}  // namespace llmtool
