#include "llmtool/tokenizer/unigram_trainer.h"

#include <sentencepiece_trainer.h>

#include <unordered_map>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// The library's sums depend on this number, so it is not that of the machine.
constexpr const char* kNumThreads = "4";
constexpr std::int64_t kTextsPerReport = 4096;

class TextIterator : public sentencepiece::SentenceIterator {
 public:
  TextIterator(const NextText& next_text, TrainedUnigram& counts, EventSink& events)
      : next_text_(next_text), counts_(counts), events_(events) {
    Next();
  }

  bool done() const override { return done_; }
  const std::string& value() const override { return text_; }
  sentencepiece::util::Status status() const override { return {}; }
  void Next() override {
    do {
      done_ = !next_text_(text_);
      if (done_) return;
      ++counts_.num_texts;
      counts_.num_bytes += static_cast<std::int64_t>(text_.size());
      if (text_.size() > kLongestUnigramText) ++counts_.num_overlong;
      if (counts_.num_texts % kTextsPerReport == 0)
        events_.progress({.name = "reading texts", .done = counts_.num_texts, .unit = "texts", .detail = ""});
    } while (text_.size() > kLongestUnigramText);
  }

 private:
  const NextText& next_text_;
  TrainedUnigram& counts_;
  EventSink& events_;
  std::string text_;
  bool done_ = false;
};

std::unordered_map<std::string, std::string> settings_of(const UnigramTraining& training) {
  return {{"model_type", "unigram"},
          {"vocab_size", std::to_string(training.vocab_size)},
          {"hard_vocab_limit", "false"},
          {"normalization_rule_name", training.lowercase ? "nmt_nfkc_cf" : "nmt_nfkc"},
          {"max_sentence_length", std::to_string(kLongestUnigramText)},
          {"num_threads", kNumThreads},
          {"pad_id", "0"},
          {"unk_id", "1"},
          {"bos_id", "-1"},
          {"eos_id", "-1"},
          {"control_symbols", "[CLS],[SEP],[MASK]"},
          {"minloglevel", "2"}};
}

}  // namespace

TrainedUnigram train_unigram(const UnigramTraining& training, const NextText& next_text, EventSink& events) {
  TrainedUnigram trained;
  TextIterator texts(next_text, trained, events);
  if (texts.done()) throw DataError("the input holds no texts to train on");
  const auto status = sentencepiece::SentencePieceTrainer::Train(settings_of(training), &texts, &trained.model);
  if (!status.ok()) throw UsageError("the SentencePiece library cannot train this: " + status.ToString());
  return trained;
}

}  // namespace llmtool
