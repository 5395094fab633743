#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/language_model.h"
#include "llmtool/models/load_report.h"
#include "llmtool/models/options.h"
#include "llmtool/models/sequence_classifier.h"
#include "llmtool/models/stored_precision.h"
#include "llmtool/models/text_encoder.h"

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
  // Patterns of names that are passed over, see ModelOptions::ignore.
  std::vector<std::string> ignore;
  // Hugging Face's name of the loss, saved with the model when labels are given.
  std::string problem_type = "single_label_classification";
  // Of weights drawn anew.
  std::uint64_t seed = 0;
};

// Models are loaded to the CPU, in evaluation mode, into memory of their own.
struct PretrainedClassifier {
  std::shared_ptr<SequenceClassifier> model;
  std::vector<std::string> labels;  // by id: the contract for everything downstream
  LoadReport report;
};

// How to make a language model from a model folder.
struct LanguageModelRequest {
  HeadKind head = HeadKind::kMaskedLm;  // or kPretraining, kCausalLm
  // Head weights the checkpoint lacks are drawn anew, for training; otherwise they are an error.
  bool allow_new_head = false;
  DropoutOverrides dropout;
  std::vector<std::string> ignore;
  // Of weights drawn anew.
  std::uint64_t seed = 0;
};

struct PretrainedLanguageModel {
  std::shared_ptr<LanguageModel> model;
  LoadReport report;
};

struct PretrainedEncoder {
  std::shared_ptr<TextEncoder> model;
  LoadReport report;
};

// Each reads config.json and weights. Throws ModelError: the folder or a file is missing or damaged, the family is not
// supported or lacks the head, weights are missing, unexpected or misshaped (all of them listed), the head cannot be
// kept but must be. Weights of heads that are not asked for are reported as unused.
PretrainedClassifier load_pretrained(const std::filesystem::path& directory, const PretrainedRequest& request);
PretrainedLanguageModel load_language_model(const std::filesystem::path& directory,
                                            const LanguageModelRequest& request);
// A pooler the checkpoint lacks is drawn anew and reported as created.
PretrainedEncoder load_text_encoder(const std::filesystem::path& directory, const DropoutOverrides& dropout = {},
                                    std::uint64_t seed = 0, const std::vector<std::string>& ignore = {});

// A language model from scratch: `config` is what config.json would hold, `source` names it in messages. Weights are
// drawn as Hugging Face's _init_weights of the family does; they depend on seed and name alone. On the CPU, in
// evaluation mode. Throws ModelError.
std::shared_ptr<LanguageModel> make_from_config(const Json& config, const std::string& source, HeadKind head,
                                                std::uint64_t seed);

// Copies the weights of a folder that save_pretrained wrote into a model of the same shape (a checkpoint, the best
// model of a run). Throws ModelError when they are not exactly this model's.
void load_weights(const std::filesystem::path& directory, AssembledModel& model);

// Writes model.safetensors, then config.json, as Hugging Face's save_pretrained does, each atomically; tied weights are
// stored once. A classifier needs its `labels`. The folder must exist. Throws ResourceError, ModelError for a weight
// that is beyond the range of fp16.
void save_pretrained(const AssembledModel& model, const std::filesystem::path& directory,
                     const std::vector<std::string>& labels = {}, StoredPrecision precision = StoredPrecision::kFp32);

}  // namespace llmtool
