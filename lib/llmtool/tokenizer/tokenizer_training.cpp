#include "llmtool/tokenizer/tokenizer_training.h"

#include <algorithm>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/model_trainers.h"
#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/pre_tokenizer.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {
namespace {

constexpr const char* kEndOfText = "<|endoftext|>";

Json vocabulary_of(const TrainedMerges& trained) {
  Json vocabulary = Json::object();
  auto& rows = vocabulary.get_ref<Json::object_t&>();  // tokens are distinct: no need to look each one up
  for (std::size_t id = 0; id < trained.tokens.size(); ++id) rows.emplace_back(trained.tokens[id], id);
  return vocabulary;
}

Json merges_of(const TrainedMerges& trained) {
  Json merges = Json::array();
  for (const auto& [left, right] : trained.merges)
    merges.push_back(
        Json::array({trained.tokens[static_cast<std::size_t>(left)], trained.tokens[static_cast<std::size_t>(right)]}));
  return merges;
}

Json added_tokens_of(const std::vector<std::string>& special_tokens) {
  Json added = Json::array();
  for (std::size_t id = 0; id < special_tokens.size(); ++id)
    added.push_back({{"id", id},
                     {"content", special_tokens[id]},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  return added;
}

Json special_piece(const char* token, int type_id) { return {{"SpecialToken", {{"id", token}, {"type_id", type_id}}}}; }
Json sequence_piece(const char* id, int type_id) { return {{"Sequence", {{"id", id}, {"type_id", type_id}}}}; }

Json special_token(const std::string& token, const TrainedMerges& trained) {
  const auto found = std::find(trained.tokens.begin(), trained.tokens.end(), token);
  return {{"id", token}, {"ids", Json::array({found - trained.tokens.begin()})}, {"tokens", Json::array({token})}};
}

void fill_word_piece(Json& document, const TokenizerTraining& training, const TrainedMerges& trained) {
  document["normalizer"] = {{"type", "BertNormalizer"},
                            {"clean_text", true},
                            {"handle_chinese_chars", true},
                            {"strip_accents", nullptr},
                            {"lowercase", training.lowercase}};
  document["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  const Json single = Json::array({special_piece("[CLS]", 0), sequence_piece("A", 0), special_piece("[SEP]", 0)});
  Json pair = single;
  pair.push_back(sequence_piece("B", 1));
  pair.push_back(special_piece("[SEP]", 1));
  document["post_processor"] = {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}};
  for (const char* token : {"[CLS]", "[SEP]"})
    document["post_processor"]["special_tokens"][token] = special_token(token, trained);
  document["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  document["model"] = {{"type", "WordPiece"},
                       {"unk_token", "[UNK]"},
                       {"continuing_subword_prefix", "##"},
                       {"max_input_chars_per_word", 100}};
}

Json byte_level(bool trim_offsets) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", trim_offsets}, {"use_regex", true}};
}

void fill_byte_level(Json& document, const TokenizerTraining& training) {
  document["normalizer"] = training.lowercase ? Json{{"type", "Lowercase"}} : Json(nullptr);
  document["pre_tokenizer"] = byte_level(true);
  document["post_processor"] = byte_level(false);
  document["decoder"] = byte_level(true);
  document["model"] = {{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", nullptr},
                       {"continuing_subword_prefix", nullptr},
                       {"end_of_word_suffix", nullptr},
                       {"fuse_unk", false},
                       {"byte_fallback", false},
                       {"ignore_merges", false}};
}

Json document_of(const TokenizerTraining& training, const std::vector<std::string>& special_tokens,
                 const TrainedMerges& trained) {
  Json document{{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
  document["added_tokens"] = added_tokens_of(special_tokens);
  const bool is_word_piece = training.kind == TrainedKind::kWordPiece;
  if (is_word_piece) {
    fill_word_piece(document, training, trained);
  } else {
    fill_byte_level(document, training);
  }
  document["model"]["vocab"] = vocabulary_of(trained);
  if (!is_word_piece) document["model"]["merges"] = merges_of(trained);
  return document;
}

std::string merge_lines(const TrainedMerges& trained) {
  std::string lines = "#version: 0.2\n";
  for (const auto& [left, right] : trained.merges)
    lines +=
        trained.tokens[static_cast<std::size_t>(left)] + " " + trained.tokens[static_cast<std::size_t>(right)] + "\n";
  return lines;
}

// Special tokens that every trained tokenizer of the kind has, in the order of their ids.
std::vector<std::string> usual_special_tokens(TrainedKind kind) {
  if (kind == TrainedKind::kBpe) return {kEndOfText};
  return {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
}

// Writes what training gave as a tokenizer that Hugging Face and llmtool open. `special_tokens` are all of them.
// Throws ResourceError.
void write_trained_files(const TokenizerTraining& training, const std::vector<std::string>& special_tokens,
                         const TrainedMerges& trained, const std::filesystem::path& directory) {
  write_file_atomically(directory / "tokenizer.json",
                        to_json_text(document_of(training, special_tokens, trained), 2) + "\n");
  if (training.kind == TrainedKind::kBpe) {
    Json roles;
    for (const char* key : {"bos_token", "eos_token", "unk_token"}) roles[key] = kEndOfText;
    for (const auto& [key, token] : {std::pair{"mask_token", "<mask>"}, std::pair{"pad_token", "<pad>"}})
      if (std::find(special_tokens.begin(), special_tokens.end(), token) != special_tokens.end()) roles[key] = token;
    write_file_atomically(directory / "tokenizer_config.json", to_json_text(roles, 2) + "\n");
    write_file_atomically(directory / "vocab.json", to_json_text(vocabulary_of(trained)) + "\n");
    write_file_atomically(directory / "merges.txt", merge_lines(trained));
  }
  // Reading it back proves that it opens, and writes the other files as for any tokenizer.
  Tokenizer::load(directory).save(directory, {});
}

// The same of a SentencePiece model, whose special pieces are ALBERT's.
void write_unigram_files(const TokenizerTraining& training, const std::string& model,
                         const std::filesystem::path& directory) {
  write_file_atomically(directory / "spiece.model", model);
  const Json config{
      {"tokenizer_class", "AlbertTokenizer"}, {"do_lower_case", training.lowercase}, {"keep_accents", true}};
  write_file_atomically(directory / "tokenizer_config.json", to_json_text(config, 2) + "\n");
  Tokenizer::load(directory).save(directory, {});
}

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
