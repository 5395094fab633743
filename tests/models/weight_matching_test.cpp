#include <ATen/Functions.h>

#include <catch2/catch.hpp>

#include "golden_model.h"
#include "llmtool/models/weight_mapping.h"

namespace llmtool {
namespace {

using Names = std::vector<std::string>;

// A checkpoint in memory.
class FakeSource : public TensorSource {
 public:
  void add(const std::string& name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
    names_.push_back(name);
    bytes_[name] = std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    views_[name] = {DType::kF32, std::move(shape), bytes_[name]};
  }
  TensorView& view(const std::string& name) { return views_.at(name); }

  const Names& names() const override { return names_; }
  const TensorView* find(std::string_view name) const override {
    const auto found = views_.find(std::string(name));
    return found == views_.end() ? nullptr : &found->second;
  }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  const std::vector<std::filesystem::path>& files() const override { return files_; }

 private:
  Names names_;
  std::map<std::string, std::string> bytes_;
  std::map<std::string, TensorView> views_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::filesystem::path> files_ = {"memory"};
};

std::vector<WeightRow> two_rows() {
  return {{"base.norm.weight", at::zeros({2}), WeightStart::kOnes}, {"base.map.weight", at::zeros({2, 3})}};
}

TEST_CASE("Names without prefix and with gamma and beta are understood") {
  FakeSource source;
  source.add("norm.gamma", {2}, {1, 2});
  source.add("base.map.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
  const StoredWeights stored = canonical_weights(source, two_rows(), "base.");
  const LoadReport report = match_weights(two_rows(), stored, {});
  CHECK(report.matched == Names{"base.norm.weight", "base.map.weight"});
  CHECK_FALSE(report.is_fatal());
}

TEST_CASE("Two stored tensors for one weight are refused") {
  FakeSource source;
  source.add("norm.gamma", {2}, {1, 2});
  source.add("base.norm.weight", {2}, {1, 2});
  const std::string message = testing::model_error([&] { canonical_weights(source, two_rows(), "base."); });
  CHECK(message.find("two stored tensors mean the weight 'base.norm.weight'") != std::string::npos);
}

TEST_CASE("Missing and unexpected and misshaped weights are all listed") {
  FakeSource source;
  source.add("base.map.weight", {3, 2}, {1, 2, 3, 4, 5, 6});
  source.add("extra", {1}, {1});
  source.add("base.embeddings.position_ids", {1}, {1});
  const LoadReport report = match_weights(two_rows(), canonical_weights(source, two_rows(), "base."), {});
  CHECK(report.is_fatal());
  CHECK(report.missing == Names{"base.norm.weight"});
  CHECK(report.unexpected == Names{"extra"});
  CHECK(report.ignored == Names{"base.embeddings.position_ids"});
  REQUIRE(report.misshaped.size() == 1);
  CHECK(report.problems().find("'base.map.weight' is [3, 2], the config asks for [2, 3]") != std::string::npos);
}

TEST_CASE("Replaced and optional rows are created and other heads stay unused") {
  FakeSource source;
  source.add("base.map.weight", {9}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  source.add("cls.bias", {1}, {1});
  const MatchingRules rules{{"base.map."}, {"base.norm."}, {"cls."}};
  const LoadReport report = match_weights(two_rows(), canonical_weights(source, two_rows(), "base."), rules);
  CHECK_FALSE(report.is_fatal());
  CHECK(report.created == Names{"base.norm.weight", "base.map.weight"});
  CHECK(report.unused == Names{"base.map.weight", "cls.bias"});
}

TEST_CASE("Rows may fill slices of a fused parameter and transpose what is stored") {
  FakeSource source;
  source.add("first", {2, 3}, {1, 2, 3, 4, 5, 6});
  source.add("second", {3, 2}, {7, 8, 9, 10, 11, 12});
  const at::Tensor fused = at::zeros({4, 3});
  const WeightRow first{"first", fused.narrow(0, 0, 2)};
  const WeightRow second{"second", fused.narrow(0, 2, 2), WeightStart::kNormal, WeightTransform::kTransposed};
  CHECK(stored_shape(second) == std::vector<std::int64_t>{3, 2});
  copy_weight(first, *source.find("first"));
  copy_weight(second, *source.find("second"));
  CHECK(fused.equal(at::tensor({1, 2, 3, 4, 5, 6, 7, 9, 11, 8, 10, 12}, at::kFloat).view({4, 3})));
  CHECK(stored_values(second).equal(at::tensor({7, 8, 9, 10, 11, 12}, at::kFloat).view({3, 2})));
}

TEST_CASE("Weights stored as integers are refused") {
  FakeSource source;
  source.add("first", {2}, {1, 2});
  source.view("first").dtype = DType::kI32;
  const WeightRow row{"first", at::zeros({2})};
  const std::string message = testing::model_error([&] { copy_weight(row, *source.find("first")); });
  CHECK(message == "the weight 'first' is stored as I32; supported are F32, F16, BF16 and F64");
}

TEST_CASE("New weights depend on seed and name alone and have the spread asked for") {
  const auto draw = [](const std::string& name, std::uint64_t seed, WeightStart start = WeightStart::kNormal) {
    const WeightRow row{name, at::full({200, 100}, 7.0), start};
    initialize_weight(row, 0.02, seed);
    return row.tensor;
  };
  CHECK(draw("a.weight", 1).equal(draw("a.weight", 1)));
  CHECK_FALSE(draw("a.weight", 1).equal(draw("a.weight", 2)));
  CHECK_FALSE(draw("a.weight", 1).equal(draw("b.weight", 1)));
  CHECK(draw("a.weight", 1).std().item<double>() == Approx(0.02).epsilon(0.03));
  CHECK(draw("a.bias", 1, WeightStart::kZeros).equal(at::zeros({200, 100})));
  CHECK(draw("a.norm", 1, WeightStart::kOnes).equal(at::ones({200, 100})));
}

}  // namespace
}  // namespace llmtool
