#include "tiny_classifier.h"

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/random.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/models/registry.h"
#include "llmtool/models/weight_mapping.h"

namespace llmtool::testing {
namespace {

constexpr std::int64_t kNumSpecialTokens = 5;
constexpr const char* kSpecialTokens = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

Json tiny_config(double dropout) {
  return {{"architectures", {"BertForSequenceClassification"}},
          {"model_type", "bert"},
          {"vocab_size", kNumSpecialTokens + static_cast<std::int64_t>(tiny_words().size())},
          {"hidden_size", 16},
          {"num_hidden_layers", 2},
          {"num_attention_heads", 2},
          {"intermediate_size", 32},
          {"max_position_embeddings", 32},
          {"type_vocab_size", 2},
          {"hidden_act", "gelu"},
          {"hidden_dropout_prob", dropout},
          {"attention_probs_dropout_prob", dropout},
          {"initializer_range", 0.02},
          {"layer_norm_eps", 1e-12},
          {"pad_token_id", 0}};
}

}  // namespace

const std::vector<std::string>& tiny_words() {
  static const std::vector<std::string> words{"a",    "bad", "film", "good",  "is",   "it",   "movie",
                                              "not",  "the", "this", "very",  "was",  "plot", "dull",
                                              "nice", "but", "and",  "actor", "scene"};
  return words;
}

// With the names of the labels in its config.
std::shared_ptr<Model> make_tiny_model(const std::vector<std::string>& labels, double dropout) {
  Json config = tiny_config(dropout);
  write_labels(config, labels);
  // Far larger than BERT's 0.02, so that texts differ clearly in their scores.
  constexpr double kStandardDeviation = 0.4;
  auto model = make_model(config, "config.json", HeadKind::kSequenceClassification, at::kCPU);
  for (const WeightRow& row : model->weight_rows()) initialize_weight(row, kStandardDeviation, 7);
  model->eval();
  return model;
}

std::shared_ptr<Model> make_tiny_classifier(std::int64_t num_labels, double dropout) {
  std::vector<std::string> labels;
  for (std::int64_t id = 0; id < num_labels; ++id) labels.push_back("LABEL_" + std::to_string(id));
  return make_tiny_model(labels, dropout);
}

void write_tiny_model(const std::filesystem::path& directory, const std::vector<std::string>& labels) {
  std::filesystem::create_directories(directory);
  std::string vocabulary = kSpecialTokens;
  for (const std::string& word : tiny_words()) vocabulary += word + "\n";
  write_file_atomically(directory / "vocab.txt", vocabulary);
  write_file_atomically(directory / "tokenizer_config.json",
                        R"({"tokenizer_class": "BertTokenizer", "do_lower_case": true})");
  save_pretrained(*make_tiny_model(labels, 0.0), directory);
}

EncodedDataset make_tiny_dataset(std::int64_t num_examples, std::int64_t num_labels) {
  constexpr std::int32_t kClassify = 2;
  constexpr std::int32_t kSeparate = 3;
  const CounterRandom random(11, 0);
  std::uint64_t draw = 0;
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  dataset.add_column<std::int64_t>(std::string(kLabel));
  for (std::int64_t example = 0; example < num_examples; ++example) {
    std::vector<std::int32_t> ids{kClassify};
    const std::uint64_t num_words = random.below(20, draw++);
    for (std::uint64_t word = 0; word < num_words; ++word)
      ids.push_back(static_cast<std::int32_t>(kNumSpecialTokens +
                                              static_cast<std::int64_t>(random.below(tiny_words().size(), draw++))));
    ids.push_back(kSeparate);
    const auto label = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(num_labels), draw++));
    dataset.column<std::int32_t>(kInputIds).append(ids);
    dataset.column<std::int32_t>(kTokenTypeIds).append(std::vector<std::int32_t>(ids.size(), 0));
    dataset.column<std::int64_t>(kLabel).append({&label, 1});
    dataset.finish_feature(example);
  }
  return dataset;
}

}  // namespace llmtool::testing
