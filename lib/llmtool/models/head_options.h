#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "llmtool/core/enum_names.h"
#include "llmtool/nn/activation.h"

namespace c10 {
struct Device;
}

namespace llmtool {

class Head;
class TextBody;

// What is put on a body. kPretraining is a masked-LM head with one for sentence pairs (BERT's next-sentence, ALBERT's
// sentence-order prediction).
enum class HeadKind {
  kNone,
  kSequenceClassification,
  kTokenClassification,
  kQuestionAnswering,
  kMaskedLm,
  kPretraining,
  kCausalLm
};

template <>
struct EnumNames<HeadKind> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{HeadKind::kNone, Name("none")},
                                     std::pair{HeadKind::kSequenceClassification, Name("sequence_classification")},
                                     std::pair{HeadKind::kTokenClassification, Name("token_classification")},
                                     std::pair{HeadKind::kQuestionAnswering, Name("question_answering")},
                                     std::pair{HeadKind::kMaskedLm, Name("masked_lm")},
                                     std::pair{HeadKind::kPretraining, Name("pretraining")},
                                     std::pair{HeadKind::kCausalLm, Name("causal_lm")}};
};

// Whether the head has an output for each label of the config's id2label.
constexpr bool scores_labels(HeadKind kind) {
  return kind == HeadKind::kSequenceClassification || kind == HeadKind::kTokenClassification;
}

// The options of each head, which are all that families differ in: a family says them in its own file, without
// LibTorch. make_head() makes of them the head that is put on a body, in the file of the head's class. An initial scale
// is of the standard deviation that new weights are drawn with, an initial cutoff as in WeightRow.

// The vector a sequence is classified by: the body's pooled state, the hidden state of its first or last token, or the
// mean of all its hidden states.
enum class SequenceSummary { kPooled, kFirstToken, kLastToken, kMean };

// A LayerNorm of a head, under its Hugging Face name.
struct HeadNorm {
  std::string name;
  double epsilon = 1e-5;
  bool has_bias = true;
};

// A dense layer of a head, under its Hugging Face name.
struct HeadLayer {
  std::string name;
  Activation activation = Activation::kTanh;
  bool has_bias = true;
  double initial_scale = 1.0;
  std::optional<HeadNorm> norm = {};  // after the activation
};

// The layers that turn vectors into scores.
struct ScoringLayersOptions {
  std::int64_t hidden_size = 0;
  std::int64_t num_outputs = 0;
  double input_dropout = 0.0;           // of the vectors, where a dense layer follows
  std::optional<HeadLayer> dense = {};  // [hidden, hidden] and its activation
  double dropout = 0.0;                 // before the classifier
  std::string classifier = "classifier";
  bool has_bias = true;
  double classifier_scale = 1.0;
  std::optional<double> initial_cutoff = {};
};

struct ClassificationHeadOptions : ScoringLayersOptions {
  SequenceSummary summary = SequenceSummary::kPooled;
  std::optional<std::int64_t> padding_id = {};  // kLastToken: the last other token is meant
};
std::shared_ptr<Head> make_head(const ClassificationHeadOptions& options, const TextBody& body, c10::Device device);

// Scores of every token. Two outputs that are no labels: how well an answer begins, and how well it ends there.
struct TokenHeadOptions : ScoringLayersOptions {};
std::shared_ptr<Head> make_head(const TokenHeadOptions& options, const TextBody& body, c10::Device device);

// The dense layer, activation and LayerNorm before a projection to the vocabulary, under their Hugging Face names.
struct LanguageModelTransform {
  std::string dense;  // "cls.predictions.transform.dense"
  std::string norm;
  Activation activation = Activation::kGelu;
  double layer_norm_epsilon = 1e-12;
  bool has_dense_bias = true;
  bool has_norm_bias = true;
  double initial_scale = 1.0;  // of the dense layer
};

struct LanguageModelHeadOptions {
  std::int64_t hidden_size = 0;
  std::optional<LanguageModelTransform> transform = {};
  std::string decoder;  // name of the projection without ".weight"
  std::string bias;  // full name of the bias; "" when it has none. Where it is not DECODER.bias, Hugging Face has both
  bool is_tied = true;  // the projection's weight is the word embedding
  double decoder_scale = 1.0;
  std::optional<double> initial_cutoff = {};
};
std::shared_ptr<Head> make_head(const LanguageModelHeadOptions& options, const TextBody& body, c10::Device device);

struct SentencePairHeadOptions {
  std::string name;  // Hugging Face's, without ".weight"
  std::int64_t hidden_size = 0;
  double dropout = 0.0;  // of the pooled state
};
std::shared_ptr<Head> make_head(const SentencePairHeadOptions& options, const TextBody& body, c10::Device device);

// Every class of head has its options here.
using HeadOptions =
    std::variant<ClassificationHeadOptions, TokenHeadOptions, LanguageModelHeadOptions, SentencePairHeadOptions>;

// Whether the head reads the body's pooled state; a body makes a pooler where one does.
inline bool reads_pooled(const ClassificationHeadOptions& options) {
  return options.summary == SequenceSummary::kPooled;
}
inline bool reads_pooled(const TokenHeadOptions&) { return false; }
inline bool reads_pooled(const LanguageModelHeadOptions&) { return false; }
inline bool reads_pooled(const SentencePairHeadOptions&) { return true; }

}  // namespace llmtool
