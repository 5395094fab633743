#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool::testing {

// A folder that scripts/reference/models_goldens.py made: a checkpoint, inputs and what Hugging Face computes.
struct GoldenModel {
  std::filesystem::path directory;
  ModelInput input;
  Json facts;
  std::map<std::string, at::Tensor> expected;
};

GoldenModel read_golden(const std::string& name);

// Loads with the stored head, or with labels "a" … when `num_labels` is given.
LoadedModel load(const std::filesystem::path& directory, std::int64_t num_labels = 0);

// The last hidden states of all tokens, also those that a classifier's head does not read.
at::Tensor last_hidden_states(const Model& model, ModelInput input);

double largest_difference(const at::Tensor& left, const at::Tensor& right);

// Fails unless two safetensors files hold the same names, shapes and bytes.
void check_same_weights(const std::filesystem::path& written, const std::filesystem::path& original);

// The message of the ModelError that `action` throws; fails the test when it throws none.
template <class Action>
std::string model_error(Action&& action);

// A row's tensor by name; throws std::out_of_range.
at::Tensor weight(const Model& model, const std::string& name);

template <class Action>
std::string model_error(Action&& action) {
  try {
    action();
  } catch (const ModelError& error) {
    return error.what();
  }
  throw std::runtime_error("no ModelError was thrown");
}

}  // namespace llmtool::testing
