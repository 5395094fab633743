#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/models/language_model_heads.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/language_modeling/fill_mask.h"

namespace llmtool {
namespace {

constexpr std::int64_t kVocabularySize = 120;

// The tiny random model of the goldens with a vocabulary of words "w5" … "w119".
void write_model(const testing::TemporaryDirectory& directory, const std::string& mask = "[MASK]") {
  const auto model = testing::fixture("models/bert_masked_lm");
  for (const char* name : {"config.json", "model.safetensors"})
    std::filesystem::copy_file(model / name, directory / name);
  std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
  vocabulary.append(mask).append("\n");
  for (std::int64_t id = 5; id < kVocabularySize; ++id) vocabulary.append("w").append(std::to_string(id)).append("\n");
  directory.write("vocab.txt", vocabulary);
  directory.write("tokenizer_config.json", R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer"})");
}

// Probabilities [ids, vocab] of every token of a text, from the whole table of logits.
at::Tensor probabilities(const std::filesystem::path& directory, const std::vector<std::int64_t>& ids) {
  const at::NoGradGuard no_gradients;
  const auto model = load_model(directory, {.head = HeadKind::kMaskedLm}).model;
  const ModelInput input{at::tensor(ids, at::kLong), at::Tensor(),
                         SequenceLayout({static_cast<std::int64_t>(ids.size())})};
  return at::softmax(model->head<LanguageModelHead>().logits(model->forward(input).last_hidden_state), 1);
}

TEST_CASE("Masks are filled with the most probable tokens, best first") {
  const testing::TemporaryDirectory directory;
  write_model(directory);
  const FillMaskSession session = FillMaskSession::load(directory.path(), {});
  const std::vector<TextInput> texts{{"w7 [MASK] w9 [MASK]", {}}, {"[MASK]", {}}};
  const auto filled = session.fill(texts, 3);
  REQUIRE(filled.size() == 2);
  REQUIRE(filled[0].masks.size() == 2);
  REQUIRE(filled[1].masks.size() == 1);
  CHECK(filled[0].num_tokens == 6);
  const at::Tensor expected = probabilities(directory.path(), {2, 7, 4, 9, 4, 3});
  for (std::size_t mask = 0; mask < 2; ++mask) {
    const at::Tensor row = expected[mask == 0 ? 2 : 4];
    const auto [best, ids] = row.topk(3);
    for (std::int64_t rank = 0; rank < 3; ++rank) {
      const Filler& filler = filled[0].masks[mask][static_cast<std::size_t>(rank)];
      CHECK(filler.id == ids[rank].item<std::int64_t>());
      CHECK(filler.probability == Approx(best[rank].item<double>()).epsilon(1e-4));
    }
  }
  const Filler& first = filled[0].masks[0][0];
  if (first.id >= 5) CHECK(first.token.substr(1) == std::to_string(first.id));
  CHECK(session.fill(texts, 1000)[1].masks[0].size() == kVocabularySize);
}

TEST_CASE("A text without a mask and a tokenizer without one are refused") {
  const testing::TemporaryDirectory directory;
  write_model(directory);
  const FillMaskSession session = FillMaskSession::load(directory.path(), {});
  const std::vector<TextInput> texts{{"[MASK]", {}}, {"w7", {}}};
  CHECK_THROWS_AS(session.fill(texts, 3), DataError);
  CHECK_THROWS_WITH(session.fill(texts, 3), Catch::Contains("text 2: there is no [MASK] to fill in"));
  const testing::TemporaryDirectory unmasked;
  write_model(unmasked, "w4");
  CHECK_THROWS_WITH(FillMaskSession::load(unmasked.path(), {}), Catch::Contains("has no mask token"));
}

}  // namespace
}  // namespace llmtool
