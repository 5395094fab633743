#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/load_report.h"
#include "llmtool/models/options.h"
#include "llmtool/models/sequence_classifier.h"

namespace llmtool {

// How to make a classifier from a model folder.
struct PretrainedRequest {
  // Label names wanted. Empty: use the stored head as it is (evaluation, prediction).
  std::vector<std::string> labels;
  // The order of `labels` is the user's (data.labels): a kept head is reordered to it. Otherwise a kept head's order
  // stands.
  bool labels_are_ordered = false;
  HeadPolicy head = HeadPolicy::kAuto;
  DropoutOverrides dropout;
  // Hugging Face's name of the loss, saved with the model when labels are given.
  std::string problem_type = "single_label_classification";
  // Of weights drawn anew.
  std::uint64_t seed = 0;
};

struct PretrainedClassifier {
  std::shared_ptr<SequenceClassifier> model;  // on the CPU, in evaluation mode, in memory of its own
  std::vector<std::string> labels;            // by id: the contract for everything downstream
  LoadReport report;
};

// Reads config.json and weights. Throws ModelError: the folder or a file is missing or damaged, the family is not
// supported, weights are missing, unexpected or misshaped (all of them listed), the head cannot be kept but must be.
PretrainedClassifier load_pretrained(const std::filesystem::path& directory, const PretrainedRequest& request);

// Copies the weights of a folder that save_pretrained wrote into a model of the same shape (a checkpoint, the best
// model of a run). Throws ModelError when they are not exactly this model's.
void load_weights(const std::filesystem::path& directory, SequenceClassifier& model);

// Writes model.safetensors, then config.json, as Hugging Face's save_pretrained does, each atomically. The folder must
// exist. Throws ResourceError.
void save_pretrained(const SequenceClassifier& model, const std::filesystem::path& directory,
                     const std::vector<std::string>& labels);

}  // namespace llmtool
