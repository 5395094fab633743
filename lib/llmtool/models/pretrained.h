#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/load_report.h"
#include "llmtool/models/model.h"
#include "llmtool/models/options.h"
#include "llmtool/nn/layers.h"

namespace llmtool {

// A module with the weights in model.safetensors or pytorch_model.bin of its folder, on the CPU. Throws ModelError when
// one is missing, has another shape, or is not the module's.
std::shared_ptr<Dense> load_dense(const std::filesystem::path& folder, const DenseOptions& options);

// How to make a model from a folder.
struct LoadRequest {
  HeadKind head = HeadKind::kNone;
  // For a head that scores labels: the names wanted. Empty: the stored head is used as it is (evaluation, prediction).
  std::vector<std::string> labels = {};
  // The order of `labels` is the user's (data.labels): a kept head is reordered to it. Otherwise a kept head's order
  // stands.
  bool labels_are_ordered = false;
  HeadPolicy policy = HeadPolicy::kAuto;
  // Hugging Face's name of the loss, saved with the model when labels are given.
  std::string problem_type = "single_label_classification";
  // For other heads: weights the checkpoint lacks are drawn anew, for training; otherwise they are an error.
  bool allow_new_head = false;
  DropoutOverrides dropout = {};
  // Patterns of names that are passed over, see ModelOptions::ignore.
  std::vector<std::string> ignore = {};
  // Of weights drawn anew.
  std::uint64_t seed = 0;
};

struct LoadedModel {
  std::shared_ptr<Model> model;
  LoadReport report;
};

// Reads config.json and weights to the CPU, in evaluation mode, into memory of the model's own; its config has the
// labels that come out. A pooler that a body without head lacks is drawn anew and reported as created; weights of heads
// that are not asked for are reported as unused. Throws ModelError: the folder or a file is missing or damaged, the
// family is not supported or lacks the head, weights are missing, unexpected or misshaped (all of them listed), the
// head cannot be kept but must be.
LoadedModel load_model(const std::filesystem::path& directory, const LoadRequest& request);

// A model from scratch: `config` is what config.json would hold, `source` names it in messages. Weights are drawn as
// Hugging Face's _init_weights of the family does; they depend on seed and name alone. On the CPU, in evaluation mode.
// Throws ModelError.
std::shared_ptr<Model> draw_model(const Json& config, const std::string& source, HeadKind head, std::uint64_t seed);

// Copies the weights of a folder that save_pretrained wrote into a model of the same shape (a checkpoint, the best
// model of a run). Throws ModelError when they are not exactly this model's.
void load_weights(const std::filesystem::path& directory, Model& model);

// Writes model.safetensors, then config.json, as Hugging Face's save_pretrained does, each atomically; tied weights are
// stored once. The folder must exist. Throws ResourceError, ModelError for a weight that is beyond the range of fp16.
void save_pretrained(const Model& model, const std::filesystem::path& directory,
                     StoredPrecision precision = StoredPrecision::kFp32);

}  // namespace llmtool
