#include <ATen/Functions.h>
#include <ATen/record_function.h>

#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "../support/temporary_directory.h"
#include "golden_model.h"
#include "llmtool/models/language_model_heads.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/scoring_heads.h"
#include "llmtool/nn/layers.h"

// Checkpoints, scores and gradients made by scripts/reference/families_goldens.py.
namespace llmtool {
namespace {

using testing::GoldenModel;
using testing::largest_difference;
using testing::last_hidden_states;
using testing::load;
using testing::read_golden;

constexpr double kGoldenTolerance = 1e-5;
// Gradients are sums over many tokens of weights far larger than a real model's.
constexpr double kGradientTolerance = 1e-4;

struct Case {
  std::string name;
  HeadKind head;
};

std::vector<Case> language_models() {
  using enum HeadKind;
  std::vector<Case> cases{{"bert_pretraining", kPretraining}, {"albert_pretraining", kPretraining}};
  for (const char* name :
       {"bert_masked_lm", "bert_untied", "roberta_masked_lm", "xlm_roberta_masked_lm", "electra_masked_lm",
        "albert_masked_lm", "modernbert_masked_lm", "modernbert_with_biases", "deberta_v2_masked_lm",
        "deberta_v2_convolution", "deberta_v2_newer_head", "distilbert_masked_lm"})
    cases.push_back({name, kMaskedLm});
  for (const char* name : {"gpt2_causal_lm", "gpt2_odd_sizes", "transformer_lm_sinusoidal", "transformer_lm_learned"})
    cases.push_back({name, kCausalLm});
  return cases;
}

LoadedModel load_with_head(const GoldenModel& golden, HeadKind head) {
  LoadRequest request{.head = head};
  return load_model(golden.directory, request);
}

at::Tensor integers(const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong));
}

// The rows whose scores count and what they should score highest: as token_labels in the script.
struct Targets {
  at::Tensor rows;
  at::Tensor ids;
};

Targets language_model_targets(const ModelInput& input, bool is_causal) {
  std::vector<std::int64_t> rows;
  const SequenceLayout& layout = input.layout;
  for (std::int64_t index = 0; index < layout.num_sequences(); ++index)
    for (std::int64_t place = 0; place < layout.lengths()[index]; ++place) {
      const bool counts = is_causal ? place + 1 < layout.lengths()[index] : place % 3 == 1;
      if (counts) rows.push_back(layout.offsets()[index] + place);
    }
  const at::Tensor chosen = integers(rows);
  return {chosen, input.input_ids.index_select(0, is_causal ? chosen + 1 : chosen)};
}

at::Tensor language_model_loss(const Model& model, const ModelInput& input) {
  const ModelOutput output = model.forward(input);
  const Targets targets = language_model_targets(input, model.family().is_causal);
  const at::Tensor features =
      model.head<LanguageModelHead>().features(output.last_hidden_state.index_select(0, targets.rows));
  const VocabularyProjection last = model.head<LanguageModelHead>().projection();
  const at::Tensor loss = at::cross_entropy_loss(at::linear(features, last.weight, last.bias), targets.ids);
  if (model.find_head<SentencePairHead>() == nullptr) return loss;
  const at::Tensor pairs = at::arange(input.layout.num_sequences()).remainder(2);
  return loss + at::cross_entropy_loss(model.head<SentencePairHead>().forward(output.pooled), pairs);
}

void check_gradients(const Model& model, const GoldenModel& golden, const at::Tensor& loss) {
  CHECK(largest_difference(loss.reshape({1}), golden.expected.at("loss")) < kGoldenTolerance);
  loss.backward();
  for (const WeightRow& row : model.weight_rows()) {
    CAPTURE(row.name);
    const auto expected = golden.expected.find("gradient." + row.name);
    if (expected == golden.expected.end()) continue;  // the unused twin of an untied bias
    REQUIRE(row.tensor.grad().defined());
    const bool transposed = row.transform == WeightTransform::kTransposed;
    const at::Tensor gradient = transposed ? row.tensor.grad().t() : row.tensor.grad();
    CHECK(largest_difference(gradient, expected->second) < kGradientTolerance);
  }
}

TEST_CASE("Language models score and learn as in Hugging Face") {
  const Case tested = GENERATE(from_range(language_models()));
  CAPTURE(tested.name);
  const GoldenModel golden = read_golden(tested.name);
  const LoadedModel loaded = load_with_head(golden, tested.head);
  const ModelOutput output = loaded.model->forward(golden.input);
  CHECK(largest_difference(output.last_hidden_state, golden.expected.at("last_hidden_state")) < kGoldenTolerance);
  CHECK(loaded.model->dimensions().hidden_size == output.last_hidden_state.size(1));
  const at::Tensor logits = loaded.model->head<LanguageModelHead>().logits(output.last_hidden_state);
  CHECK(largest_difference(logits, golden.expected.at("logits")) < kGoldenTolerance);
  if (loaded.model->find_head<SentencePairHead>() != nullptr)
    CHECK(largest_difference(loaded.model->head<SentencePairHead>().forward(output.pooled),
                             golden.expected.at("pair_logits")) < kGoldenTolerance);
  CHECK(loaded.report.head_kept);
  CHECK(loaded.report.created.empty());
  CHECK(loaded.report.unused.empty());
  check_gradients(*loaded.model, golden, language_model_loss(*loaded.model, golden.input));
}

TEST_CASE("Classifiers of every family score, learn and are saved as in Hugging Face") {
  const std::string name = GENERATE(as<std::string>{}, "roberta_classification", "electra_classification",
                                    "albert_classification", "modernbert_classification", "deberta_v2_classification",
                                    "distilbert_classification", "gpt2_classification");
  CAPTURE(name);
  const GoldenModel golden = read_golden(name);
  const LoadedModel loaded = load(golden.directory);
  const at::Tensor logits = classification_logits(*loaded.model, golden.input);
  CHECK(largest_difference(last_hidden_states(*loaded.model, golden.input), golden.expected.at("last_hidden_state")) <
        kGoldenTolerance);
  CHECK(largest_difference(logits, golden.expected.at("logits")) < kGoldenTolerance);
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path());
  testing::check_same_weights(directory / "model.safetensors", golden.directory / "model.safetensors");
  const at::Tensor labels = at::arange(golden.input.layout.num_sequences()).remainder(3);
  check_gradients(*loaded.model, golden, at::cross_entropy_loss(logits, labels));
}

std::vector<Case> token_models() {
  std::vector<Case> cases;
  for (const char* family :
       {"bert", "roberta", "xlm_roberta", "electra", "albert", "modernbert", "deberta_v2", "distilbert", "gpt2"}) {
    cases.push_back({std::string(family) + "_tokens", HeadKind::kTokenClassification});
    cases.push_back({std::string(family) + "_answers", HeadKind::kQuestionAnswering});
  }
  return cases;
}

// Of the labels that make_labels in the script gives tokens: none for every fourth.
at::Tensor token_loss(const at::Tensor& logits, const SequenceLayout& layout) {
  constexpr std::int64_t kIgnored = -100;
  std::vector<std::int64_t> labels;
  for (const std::int64_t length : layout.lengths())
    for (std::int64_t place = 0; place < length; ++place) labels.push_back(place % 4 == 1 ? kIgnored : place % 3);
  return at::cross_entropy_loss(logits, integers(labels), {}, at::Reduction::Mean, kIgnored);
}

// The mean of the losses of beginning and end, each over the tokens of a sequence.
at::Tensor answer_loss(const at::Tensor& logits, const SequenceLayout& layout) {
  at::Tensor sum = at::zeros({});
  for (std::int64_t index = 0; index < layout.num_sequences(); ++index) {
    const std::int64_t length = layout.lengths()[index];
    const at::Tensor scores = logits.narrow(0, layout.offsets()[index], length).t();
    sum = sum + at::cross_entropy_loss(scores, integers({length / 3, length / 2}));
  }
  return sum / layout.num_sequences();
}

TEST_CASE("Models that score tokens score, learn and are saved as in Hugging Face") {
  const Case tested = GENERATE(from_range(token_models()));
  CAPTURE(tested.name);
  const GoldenModel golden = read_golden(tested.name);
  const LoadedModel loaded = load_with_head(golden, tested.head);
  const at::Tensor logits = token_logits(*loaded.model, golden.input);
  CHECK(largest_difference(logits, golden.expected.at("logits")) < kGoldenTolerance);
  CHECK(loaded.report.unused.empty());
  const testing::TemporaryDirectory directory;
  save_pretrained(*loaded.model, directory.path());
  testing::check_same_weights(directory / "model.safetensors", golden.directory / "model.safetensors");
  const bool has_labels = tested.head == HeadKind::kTokenClassification;
  check_gradients(*loaded.model, golden, (has_labels ? token_loss : answer_loss)(logits, golden.input.layout));
}

TEST_CASE("A causal classifier reads the last token that is no padding") {
  const LoadedModel loaded = load(read_golden("gpt2_classification").directory);
  const auto scores = [&](const std::vector<std::int64_t>& ids) {
    const auto length = static_cast<std::int64_t>(ids.size());
    return classification_logits(*loaded.model, {at::tensor(ids, at::kLong), at::Tensor(), SequenceLayout({length})});
  };
  CHECK(largest_difference(scores({5, 9, 7, 0, 0}), scores({5, 9, 7})) < kGoldenTolerance);
  CHECK(largest_difference(scores({5, 0, 7}), scores({5, 0})) > kGoldenTolerance);
  CHECK(largest_difference(scores({0, 0}), scores({0})) < kGoldenTolerance);  // nothing but padding: the first
}

// The goldens' models have no dropout, so that training mode changes the number type alone.
void check_bf16(Model& model, const GoldenModel& golden, const std::function<at::Tensor()>& loss) {
  model.train();
  const std::vector<WorkingCopy> copies = make_working_copies(model.body(), at::kBFloat16);
  REQUIRE(!copies.empty());
  const at::Tensor computed = loss();
  CHECK(computed.scalar_type() == at::kFloat);
  const double expected = golden.expected.at("loss").item<double>();
  CHECK(computed.item<double>() == Approx(expected).epsilon(0.03));
  CHECK(computed.item<double>() != expected);
  computed.backward();
  for (const WorkingCopy& copy : copies) {
    CHECK_FALSE(copy.weight.grad().defined());
    if (copy.copy.grad().defined()) CHECK(at::isfinite(copy.copy.grad()).all().item<bool>());
  }
}

TEST_CASE("Language models of every family lose nearly the same in bf16") {
  const Case tested = GENERATE(from_range(language_models()));
  CAPTURE(tested.name);
  const GoldenModel golden = read_golden(tested.name);
  const LoadedModel loaded = load_with_head(golden, tested.head);
  check_bf16(*loaded.model, golden, [&] { return language_model_loss(*loaded.model, golden.input); });
}

TEST_CASE("Classifiers of every family lose nearly the same in bf16") {
  const std::string name = GENERATE(as<std::string>{}, "roberta_classification", "electra_classification",
                                    "albert_classification", "modernbert_classification", "deberta_v2_classification",
                                    "distilbert_classification", "gpt2_classification");
  CAPTURE(name);
  const GoldenModel golden = read_golden(name);
  const LoadedModel loaded = load(golden.directory);
  const at::Tensor labels = at::arange(golden.input.layout.num_sequences()).remainder(3);
  check_bf16(*loaded.model, golden, [&] {
    return at::cross_entropy_loss(classification_logits(*loaded.model, golden.input).to(at::kFloat), labels);
  });
}

// What runs within `action`, of our kernels and of the operations that are used in their place.
std::set<std::string> fast_operations(const std::function<void()>& action) {
  static std::set<std::string> seen;
  seen.clear();
  const auto note = [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
    const std::string name = function.name();
    for (const char* part : {"llmtool::", "_linear_pointwise", "scaled_dot_product"})
      if (name.find(part) != std::string::npos && name.find("CppNode") == std::string::npos) seen.insert(name);
    return nullptr;
  };
  const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(note));
  action();
  at::removeCallback(handle);
  return seen;
}

TEST_CASE("The reference of every family computes without kernels and the same") {
  const Case tested = GENERATE(from_range(language_models()));
  CAPTURE(tested.name);
  const GoldenModel golden = read_golden(tested.name);
  const LoadedModel loaded = load_with_head(golden, tested.head);
  const auto learn = [&] { check_gradients(*loaded.model, golden, language_model_loss(*loaded.model, golden.input)); };
  CHECK_FALSE(fast_operations([&] { loaded.model->forward(golden.input); }).empty());
  use_kernels(*loaded.model, false);
  CHECK(fast_operations(learn) == std::set<std::string>{});
}

TEST_CASE("Weight decay spares in every family what it spares in transformers") {
  const Json groups = read_json_file(testing::fixture("models/decay.json").string(), ExitCode::kInternal);
  for (const auto& [name, names] : groups.items()) {
    const auto spared = names.get<std::set<std::string>>();
    const std::filesystem::path folder = testing::fixture("models/" + name);
    const HeadKind head = stored_head_kind(read_model_config(folder), "config.json");
    std::shared_ptr<const Model> model;
    if (head == HeadKind::kSequenceClassification)
      model = load(folder).model;
    else
      model = load_with_head(read_golden(name), head).model;
    for (const NamedParameter& parameter : model->trainable_parameters()) {
      CAPTURE(name, parameter.name);
      CHECK(parameter.is_decayed == !spared.contains(parameter.name));
    }
  }
}

TEST_CASE("Weight decay spares the norms and biases of a plain language model") {
  const LoadedModel loaded = load_with_head(read_golden("transformer_lm_sinusoidal"), HeadKind::kCausalLm);
  for (const NamedParameter& parameter : loaded.model->trainable_parameters()) {
    CAPTURE(parameter.name);
    CHECK(parameter.is_decayed == (parameter.tensor.dim() > 1));
  }
}

TEST_CASE("Bare bodies compute hidden and pooled states as in Hugging Face") {
  const GoldenModel golden = read_golden(GENERATE(as<std::string>{}, "bert_bare", "roberta_bare"));
  const LoadedModel loaded = load_model(golden.directory, {});
  const ModelOutput output = loaded.model->forward(golden.input);
  CHECK(largest_difference(output.last_hidden_state, golden.expected.at("last_hidden_state")) < kGoldenTolerance);
  CHECK(largest_difference(output.pooled, golden.expected.at("pooled")) < kGoldenTolerance);
  CHECK(loaded.report.unused.empty());
}

TEST_CASE("A saved language model or bare body holds the names that Hugging Face writes and nothing else") {
  const auto check = [](const Model& model, const GoldenModel& golden) {
    const testing::TemporaryDirectory directory;
    save_pretrained(model, directory.path());
    testing::check_same_weights(directory / "model.safetensors", golden.directory / "model.safetensors");
    const Json written = read_json_file((directory / "config.json").string(), ExitCode::kInternal);
    const Json original = read_json_file((golden.directory / "config.json").string(), ExitCode::kInternal);
    CHECK(written == original);
  };
  for (const Case& tested : language_models()) {
    if (tested.name == "bert_untied") continue;  // its two biases become the one that is used
    CAPTURE(tested.name);
    const GoldenModel golden = read_golden(tested.name);
    check(*load_with_head(golden, tested.head).model, golden);
  }
  const GoldenModel bare = read_golden("bert_bare");
  check(*load_model(bare.directory, {}).model, bare);
}

}  // namespace
}  // namespace llmtool
