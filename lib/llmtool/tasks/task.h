#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/tasks/run_config.h"
#include "llmtool/tasks/run_tokenizer.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// One part of a run's data, read, checked and turned into token ids.
class Examples {
 public:
  virtual ~Examples() = default;

  virtual std::int64_t size() const = 0;
  // Real tokens that are computed for an example in an epoch.
  virtual std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const = 0;
  // Where an example comes from: "train.csv:18".
  virtual std::string describe(std::int64_t example) const = 0;
  // What the model reads of it in the first epoch, one or several sequences of token ids.
  virtual std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const = 0;
  virtual std::int64_t num_truncated() const = 0;
  // In the unit of TaskCard, which need not be the examples.
  virtual std::int64_t num_units() const { return size(); }
  // Logs what there is, and what a user should know of it.
  virtual void log(EventSink& events) const = 0;

  std::string name;    // "training", "validation", "test"
  std::string path;    // of the file, or files or patterns as the config names them
  std::string sha256;  // of the content
};

enum class DataPart { kTraining, kValidation, kTest };

// The parts of a run's data, examples of one kind.
template <class ExamplesOfTask>
struct DataParts {
  ExamplesOfTask training;
  std::optional<ExamplesOfTask> validation;
  std::optional<ExamplesOfTask> test;

  // Null where the config names no such part.
  const ExamplesOfTask* find(DataPart part) const {
    if (part == DataPart::kTraining) return &training;
    const std::optional<ExamplesOfTask>& held_out = part == DataPart::kValidation ? validation : test;
    return held_out ? &*held_out : nullptr;
  }
};

// Each part made by `make(part, name)`, training first.
template <class Part, class Make>
auto map_parts(DataParts<Part> parts, const Make& make) {
  DataParts<decltype(make(std::move(parts.training), ""))> made{make(std::move(parts.training), "training"), {}, {}};
  if (parts.validation) made.validation = make(std::move(*parts.validation), "validation");
  if (parts.test) made.test = make(std::move(*parts.test), "test");
  return made;
}

// What a task adds to the model card.
struct TaskCard {
  std::string pipeline_tag;  // of Hugging Face's hub
  std::string kind;          // "A text classifier fine-tuned"
  std::string unit;          // "rows": what the data is counted in
  std::string data_notes;    // a sentence below the table of the data; "" for none
  std::string shell_example;
  std::string python_example;
};

// What a run learns, with its data. The run around it knows nothing else of the task: it calls start_from(), fit() and
// read_data() once each in this order, and the rest as often as it likes.
class Task {
 public:
  virtual ~Task() = default;

  // Takes from the model folder what decides about the run, before anything else is read; fills the config where it
  // leaves that open. Throws ModelError.
  virtual void start_from(RunConfig& /*config*/, EventSink& /*events*/) {}
  // May change the tokenizer, and fill tokenizer.max_length, before the rest of the run resolves them.
  virtual void fit(RunConfig& /*config*/, RunTokenizer& /*tokenizer*/, const ModelDimensions& /*dimensions*/) {}
  // Reads, checks and encodes every part of the data, so that whatever is wrong with any of them is known before the
  // first step. `model_config` is the model's config.json. Throws ConfigError, DataError, ModelError.
  virtual void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& model_config,
                         std::int64_t num_threads, EventSink& events) = 0;
  // Null where the config names no such part.
  virtual const Examples* find_examples(DataPart part) const = 0;

  // What to load, where more than the head follows from the data.
  virtual void complete(LoadRequest& /*request*/) const {}
  // Changes a loaded model that is to be trained.
  virtual void adapt(Model& /*model*/, const Tokenizer& /*tokenizer*/) const {}
  // Called before the model is saved: puts into its config what was found on the validation data, such as thresholds,
  // by evaluating it where its weights have changed since.
  virtual void conclude(Model& /*model*/, const ScoringOptions& /*options*/) const {}
  // Whether a weight has a part in the loss; others stay as they are.
  virtual bool trains(const std::string& /*weight*/) const { return true; }

  // Of training examples, on a device.
  virtual std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const = 0;
  // Forward pass with gradients, in whatever mode the model is in, over a batch of make_batch().
  virtual std::vector<LossTerm> loss(const Model& model, const Batch& batch) const = 0;
  // Figures of a part of the data in evaluation mode; the model is left in the mode it was in. `what` names the
  // progress ("evaluating validation"). Throws NonFiniteError naming the example.
  virtual MetricReport evaluate(Model& model, DataPart part, const ScoringOptions& options, const std::string& what,
                                EventSink& events) const = 0;

  // Beside train_samples and the like in all_results.json.
  virtual void add_counts(Json& /*counts*/) const {}
  virtual TaskCard card() const = 0;
  // Whether the saved tokenizer is to give token types although the model's own does not say so.
  virtual bool needs_token_types() const { return false; }
  // Files of a model directory beside weights, config and tokenizer.
  virtual void save_extras(const std::filesystem::path& /*directory*/, const Model& /*model*/) const {}
};

// What all tasks whose data is of one kind have in common.
template <class ExamplesOfTask>
class TaskOf : public Task {
 public:
  const Examples* find_examples(DataPart part) const override { return data_.find(part); }
  MetricReport evaluate(Model& model, DataPart part, const ScoringOptions& options, const std::string& what,
                        EventSink& events) const override {
    const ExamplesOfTask* examples = data_.find(part);
    if (examples == nullptr) throw std::logic_error("the run has no such part of the data");
    return evaluate(model, *examples, options, what, events);
  }

 protected:
  virtual MetricReport evaluate(Model& model, const ExamplesOfTask& examples, const ScoringOptions& options,
                                const std::string& what, EventSink& events) const = 0;

  DataParts<ExamplesOfTask> data_;
};

}  // namespace llmtool
