#include "llmtool/tasks/contrastive/task.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "llmtool/core/errors.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/inference/sentence_transformer.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/nn/pooling_kind.h"
#include "llmtool/tasks/contrastive/data.h"
#include "llmtool/tasks/contrastive/objective.h"

namespace llmtool {
namespace {

// What a contrastive run keeps of how the folder it starts from makes vectors of texts.
struct ContrastiveStart {
  Pooling pooling = Pooling::kMean;
  bool include_prompt = true;
  bool normalize = true;
  bool lowercase = false;
  std::optional<StatedLength> max_length;
  Json settings;  // config_sentence_transformers.json; null without one
};

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kTrainedModules{"Transformer", "Pooling", "Normalize"};

void refuse_lost_modules(const std::string& model) {
  const std::string file = (fs::path(model) / kModuleListFile).string();
  if (transformer_folder(model) != fs::path(model))
    throw ModelError(
        file +
        ": the Transformer lies in a folder of its own; `llmtool convert` writes one that training can start from");
  for (const ModuleRow& module : read_module_list(model).value_or(std::vector<ModuleRow>{}))
    if (std::ranges::find(kTrainedModules, module.own_type()) == kTrainedModules.end())
      throw ModelError(file + ": the module " + quote(module.type) +
                       " would be lost, for contrastive training has a Transformer, a Pooling and a Normalize only");
}

// The one pooling, and perhaps a normalisation behind it.
const PoolingStep& only_pooling(const VectorSteps& steps, const std::string& file) {
  const std::vector<VectorStep>& list = steps.steps();
  const auto* pooling = list.empty() ? nullptr : std::get_if<PoolingStep>(&list.front());
  if (pooling == nullptr || list.size() > 2 || (list.size() == 2 && !steps.ends_with_normalization()))
    throw ModelError(file +
                     ": contrastive training has one Pooling and perhaps a Normalize of texts behind it; other lists "
                     "of modules would be lost");
  return *pooling;
}

Pooling one_mode(const PoolingStep& step, const std::string& model) {
  if (step.modes.size() == 1) return step.modes.front();
  throw ModelError(model + ": pooling by " + listed(step.modes, [](Pooling mode) { return quote(enum_name(mode)); }) +
                   " together would be lost; training.contrastive.pooling chooses one of them");
}

// `pooling`: that of the config, which goes before the folder's. Throws ModelError naming a module that the run would
// lose.
ContrastiveStart read_start(const std::string& model, std::optional<Pooling> pooling, EventSink& events) {
  refuse_lost_modules(model);
  const SentenceTransformer folder = read_sentence_transformer(model);
  for (const std::string& warning : folder.warnings) events.warning(warning);
  const PoolingStep& step = only_pooling(folder.steps, (fs::path(model) / kModuleListFile).string());
  if (const auto& name = folder.settings.default_prompt; name && !folder.settings.prompt(*name).value_or("").empty())
    events.warning("the prompt " + quote(*name) + ", which " + model +
                   " puts before texts by default, is kept for later use but not put before those of training");
  return {pooling ? *pooling : one_mode(step, model),
          step.include_prompt,
          folder.steps.ends_with_normalization(),
          folder.reading.lowercase,
          folder.reading.max_length,
          folder.settings.document};
}

// Vectors are made of the last hidden states: the layer behind them that some families save along stays as it is.
bool is_unused(const std::string& name) { return name.starts_with("pooler."); }

// A text whose counterpart is the only candidate is always right, and nothing is learned from it.
void require_candidates(const RunConfig& config, const ContrastiveExamples& training) {
  if (training.columns.size() > 2) return;  // hard negatives are candidates besides
  if (training.size() == 1)
    throw DataError(
        "data.train: " + training.path +
        " leaves one row to train on, whose text has no other texts to be told from; give more rows, or hard "
        "negatives as a third column of data.text");
  const auto& limit = config.training.trainer.tokens_per_batch;
  std::int64_t num_tokens = 0;
  for (std::int64_t row = 0; row < training.size(); ++row) num_tokens += training.num_tokens(row, 0);
  if (limit && num_tokens > *limit * (training.size() - 1))
    throw ConfigError(
        "training.tokens_per_batch: with " + std::to_string(*limit) +
        " tokens every micro-batch is one row, whose text has no other texts to be told from; rows have " +
        std::to_string(num_tokens / training.size()) + " tokens on average, so raise it");
}

class ContrastiveTask : public TaskOf<ContrastiveExamples> {
 public:
  void start_from(RunConfig& config, EventSink& events) override {
    std::optional<Pooling>& pooling = config.training.task.contrastive.pooling;
    start_ = read_start(config.model.from, pooling, events);
    pooling = start_.pooling;
  }
  // The length is the first of: the config, the folder's own limit for vectors, what the run takes otherwise.
  void fit(RunConfig& config, RunTokenizer& tokenizer, const ModelDimensions& dimensions) override {
    if (start_.lowercase) tokenizer.tokenizer = tokenizer.tokenizer.with_lowercase();
    if (!config.tokenizer.max_length && start_.max_length)
      config.tokenizer.max_length = std::min(start_.max_length->max_length, dimensions.num_positions);
  }
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& /*model_config*/,
                 std::int64_t num_threads, EventSink& events) override {
    data_ = read_contrastive_data(config, tokenizer, num_threads, events);
    require_candidates(config, data_.training);
    objective_.emplace(config.training.task.contrastive.temperature, start_.pooling);
    max_length_ = *config.tokenizer.max_length;
  }

  bool trains(const std::string& weight) const override { return !is_unused(weight); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    return std::make_unique<ContrastiveBatch>(
        llmtool::make_batch(data_.training.views(), micro_batch.examples, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    return objective_->loss(model, static_cast<const ContrastiveBatch&>(batch));
  }

  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "sentence-similarity";
    card.kind = "An encoder of texts into vectors trained";
    card.unit = "rows";
    card.data_notes = "Figures are of finding a text's counterpart among those of all rows.";
    card.shell_example = "llmtool embed . --input texts.jsonl --output vectors.jsonl";
    card.python_example =
        "from sentence_transformers import SentenceTransformer\n\nSentenceTransformer(\".\").encode([\"some text\"])";
    return card;
  }
  void save_extras(const std::filesystem::path& directory, const Model& model) const override {
    write_sentence_transformer_files(directory, {.pooling = start_.pooling,
                                                 .include_prompt = start_.include_prompt,
                                                 .normalize = start_.normalize,
                                                 .hidden_size = model.dimensions().hidden_size,
                                                 .max_length = max_length_,
                                                 .settings = start_.settings});
  }

 protected:
  MetricReport evaluate(Model& model, const ContrastiveExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const auto name = [&](std::int64_t example) { return examples.describe(example); };
    return objective_->evaluate(model, examples.views(), options, what, events, name);
  }

 private:
  ContrastiveStart start_;
  std::optional<ContrastiveObjective> objective_;  // once the data is read
  std::int64_t max_length_ = 0;
};

}  // namespace

std::unique_ptr<Task> make_contrastive_task() { return std::make_unique<ContrastiveTask>(); }

}  // namespace llmtool
