#include "llmtool/inference/embedding_session.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "../support/temporary_directory.h"
#include "../tasks/tiny_classifier.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

const std::vector<TextInput> kSentences{
    {"this film is very good", std::nullopt}, {"bad", std::nullopt}, {"", std::nullopt}};

double dot(const std::vector<float>& left, const std::vector<float>& right) {
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0);
}

EmbeddingSession load_embedder(const testing::TemporaryDirectory& directory, const EmbeddingOptions& options,
                               std::int64_t batch_size = 64) {
  testing::write_tiny_model(directory.path(), {"bad", "good"});
  SessionOptions session_options;
  session_options.scoring.batch_size = batch_size;
  return EmbeddingSession::load(directory.path(), session_options, options);
}

TEST_CASE("Embeddings of the demo model are those of Hugging Face's mean pooling") {
  const char* folder = std::getenv("LLMTOOL_DEMO_MODEL");
  if (folder == nullptr) {
    WARN("SKIPPED: no demo model; set LLMTOOL_DEMO_MODEL to the folder of all-MiniLM-L6-v2");
    return;
  }
  SessionOptions options;
  options.max_length = 256;
  const EmbeddingSession session = EmbeddingSession::load(folder, options, {});
  const Json golden = read_json_file(testing::fixture("inference/embeddings.json").string(), ExitCode::kInternal);
  std::vector<std::string> texts;
  for (const Json& row : golden) texts.push_back(row.at("text"));
  const auto found = session.embed(
      std::vector<TextInput>{{texts[0], {}}, {texts[1], {}}, {texts[2], {}}, {texts[3], {}}, {texts[4], {}}});
  REQUIRE(found.size() == golden.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("text " << i);
    const auto expected = golden[i].at("embedding").get<std::vector<float>>();
    REQUIRE(found[i].values.size() == expected.size());
    CHECK(dot(found[i].values, expected) > 0.99999);
    CHECK(dot(found[i].values, found[i].values) == Approx(1.0).margin(1e-5));
  }
  CHECK(found[3].truncated);
  CHECK(found[3].num_tokens == 256);
}

TEST_CASE("The mean is that of the tokens, the cls vector that of the first") {
  const testing::TemporaryDirectory directory;
  const auto mean = load_embedder(directory, {Pooling::kMean, false}).embed(kSentences);
  const auto cls = load_embedder(directory, {Pooling::kCls, false}).embed(kSentences);
  const auto normalized = load_embedder(directory, {Pooling::kMean, true}).embed(kSentences);
  for (std::size_t i = 0; i < kSentences.size(); ++i) {
    CHECK(mean[i].values != cls[i].values);
    const double length = std::sqrt(dot(mean[i].values, mean[i].values));
    for (std::size_t k = 0; k < mean[i].values.size(); ++k)
      CHECK(normalized[i].values[k] == Approx(mean[i].values[k] / length).margin(1e-6));
  }
}

TEST_CASE("An embedding in bf16 is nearly that in fp32 and still has length 1") {
  const testing::TemporaryDirectory directory;
  const auto exact = load_embedder(directory, {}).embed(kSentences);
  SessionOptions options;
  options.precision = Precision::kBf16;
  const auto rounded = EmbeddingSession::load(directory.path(), options, {}).embed(kSentences);
  for (std::size_t i = 0; i < kSentences.size(); ++i) {
    CHECK(rounded[i].values != exact[i].values);
    CHECK(dot(rounded[i].values, exact[i].values) > 0.999);
    CHECK(dot(rounded[i].values, rounded[i].values) == Approx(1.0).margin(1e-5));
  }
}

TEST_CASE("An embedding does not depend on the batch") {
  const testing::TemporaryDirectory directory;
  const auto together = load_embedder(directory, {}).embed(kSentences);
  const auto alone = load_embedder(directory, {}, 1).embed(kSentences);
  for (std::size_t i = 0; i < kSentences.size(); ++i)
    for (std::size_t k = 0; k < together[i].values.size(); ++k)
      CHECK(together[i].values[k] == Approx(alone[i].values[k]).margin(1e-6));
  CHECK(load_embedder(directory, {}).embed({}).empty());
}

}  // namespace
}  // namespace llmtool
