#include "golden_model.h"

#include <ATen/Functions.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <stdexcept>

#include "../support/temporary_directory.h"
#include "llmtool/formats/safetensors.h"

namespace llmtool::testing {
namespace {

ModelInput read_input(const Json& sequences) {
  std::vector<std::int64_t> lengths, ids, types;
  for (const Json& sequence : sequences) {
    for (const Json& id : sequence["input_ids"]) ids.push_back(id.get<std::int64_t>());
    for (const Json& type : sequence.value("token_type_ids", Json::array())) types.push_back(type.get<std::int64_t>());
    lengths.push_back(static_cast<std::int64_t>(sequence["input_ids"].size()));
  }
  const auto options = at::TensorOptions().dtype(at::kLong);
  const at::Tensor type_ids = types.empty() ? at::Tensor() : at::tensor(types, options);
  return {at::tensor(ids, options), type_ids, SequenceLayout(lengths)};
}

std::map<std::string, at::Tensor> read_tensors(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  std::map<std::string, at::Tensor> tensors;
  for (const std::string& name : file.names()) {
    const TensorView& view = *file.find(name);
    at::Tensor values = at::empty(view.shape, at::kFloat);
    std::memcpy(values.data_ptr(), view.bytes.data(), view.bytes.size());
    tensors[name] = values;
  }
  return tensors;
}

}  // namespace

GoldenModel read_golden(const std::string& name) {
  const std::filesystem::path directory = fixture("models/" + name);
  const Json facts = read_json_file((directory / "golden.json").string(), ExitCode::kInternal);
  return {directory, read_input(facts["sequences"]), facts, read_tensors(directory / "expected.safetensors")};
}

LoadedModel load(const std::filesystem::path& directory, std::int64_t num_labels) {
  LoadRequest request{.head = HeadKind::kSequenceClassification};
  for (std::int64_t id = 0; id < num_labels; ++id) request.labels.emplace_back(1, static_cast<char>('a' + id));
  return load_model(directory, request);
}

at::Tensor last_hidden_states(const Model& model, ModelInput input) {
  input.return_hidden_states = true;
  return model.forward(input).last_hidden_state;
}

double largest_difference(const at::Tensor& left, const at::Tensor& right) {
  if (left.sizes() != right.sizes()) throw std::runtime_error("tensors of different shapes are compared");
  return (left.detach() - right.detach()).abs().max().item<double>();
}

void check_same_weights(const std::filesystem::path& written, const std::filesystem::path& original) {
  const SafetensorsFile left(written);
  const SafetensorsFile right(original);
  CHECK(left.metadata() == std::map<std::string, std::string>{{"format", "pt"}});
  REQUIRE(left.names() == right.names());
  for (const std::string& name : left.names()) {
    CAPTURE(name);
    CHECK(left.find(name)->shape == right.find(name)->shape);
    CHECK(left.find(name)->bytes == right.find(name)->bytes);
  }
}

at::Tensor weight(const Model& model, const std::string& name) {
  for (const WeightRow& row : model.weight_rows())
    if (row.name == name) return row.tensor;
  throw std::out_of_range(name);
}

}  // namespace llmtool::testing
