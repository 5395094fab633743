#include "llmtool/runs/finished_run.h"

#include <cstdio>
#include <filesystem>

#include "llmtool/config/writer.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "llmtool/inference/model_files.h"
#include "llmtool/runs/run_verification.h"
#include "llmtool/training/checkpoint_directory.h"

namespace llmtool {
namespace {

std::string figure(const Metric& metric) {
  if (!metric.value) return "undefined (" + metric.reason + ")";
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", *metric.value);
  return text;
}

std::string front_matter(const ModelCardFacts& facts) {
  const std::string parent = std::filesystem::path(facts.record.config.model.from).filename().string();
  return "---\nlibrary_name: transformers\npipeline_tag: " + facts.task.pipeline_tag + "\n" +
         (parent.empty() ? "" : "base_model: " + Json(parent).dump() + "\n") + "tags:\n- " + facts.task.pipeline_tag +
         "\n- llmtool\n---\n";
}

std::string origin(const RunConfig& config) {
  return config.model.from.empty() ? "from scratch" : "from `" + config.model.from + "`";
}

std::string data_section(const ModelCardFacts& facts) {
  const TaskCard& task = facts.task;
  std::string card = "## Data\n\n| part | file | " + task.unit + " | cut texts | SHA-256 |\n|---|---|---|---|---|\n";
  for (const CardSplit& split : facts.data)
    card += "| " + split.name + " | `" + std::filesystem::path(split.path).filename().string() + "` | " +
            std::to_string(split.num_units) + " | " + std::to_string(split.num_truncated) + " | `" +
            split.sha256.substr(0, 16) + "…` |\n";
  return task.data_notes.empty() ? card : card + "\n" + task.data_notes + "\n";
}

std::string results_section(const ModelCardFacts& facts) {
  const MetricReport* any = facts.test != nullptr ? facts.test : facts.validation;
  if (any == nullptr) return "## Results\n\nNothing was held out, so nothing was evaluated.\n";
  std::string card = "## Results\n\nComputed in fp32 with the weights of step ";
  card += std::to_string(facts.best_step);
  card += ".\n\n| figure |";
  if (facts.validation != nullptr) card += " validation |";
  if (facts.test != nullptr) card += " test |";
  card += "\n|---|";
  if (facts.validation != nullptr) card += "---|";
  if (facts.test != nullptr) card += "---|";
  card += "\n";
  for (const Metric& metric : any->metrics) {
    card.append("| ").append(metric.name).append(" |");
    if (facts.validation != nullptr) {
      const Metric* found = facts.validation->find(metric.name);
      card.append(" ").append(found != nullptr ? figure(*found) : "–").append(" |");
    }
    if (facts.test != nullptr) card.append(" ").append(figure(*facts.test->find(metric.name))).append(" |");
    card += "\n";
  }
  return card;
}

std::string training_section(const ModelCardFacts& facts) {
  return "## Training\n\nThe effective config; `llmtool.lock.json` beside this file has it with the hashes of data, "
         "tokenizer and parent weights.\n\n```yaml\n" +
         to_yaml(facts.record.config) + "```\n\n```json\n" + to_json_text(facts.training_results, 2) + "\n```\n";
}

std::string use_section(const TaskCard& task) {
  return "## Use\n\n```sh\n" + task.shell_example + "\n```\n\n```python\n" + task.python_example + "\n```\n";
}

}  // namespace

std::string write_model_card(const ModelCardFacts& facts) {
  const RunConfig& config = facts.record.config;
  const std::string name = std::filesystem::path(config.output_dir).filename().string();
  return front_matter(facts) + "\n# " + name + "\n\n" + facts.task.kind + " " + origin(config) + " with llmtool " +
         LLMTOOL_VERSION + ".\n\n" + data_section(facts) + "\n" + results_section(facts) + "\n" +
         training_section(facts) + "\n" + use_section(facts.task);
}

namespace {

namespace fs = std::filesystem;

constexpr const char* kAllResults = "all_results.json";
constexpr const char* kConfig = "config.json";
// Figures under Hugging Face's names (eval_loss, eval_accuracy, …): eval_ for the validation part, test_ for the test
// part.
void add_figures(const MetricReport& report, const std::string& prefix, Json& results) {
  for (const Metric& metric : report.metrics)
    results[prefix + metric.name] = metric.value ? Json(*metric.value) : Json(nullptr);
}

Json all_results(const FinishedRun& run) {
  Json results = run.training.to_json();
  for (const auto& [name, count] : run.counts.items()) results[name] = count;
  if (run.validation) add_figures(*run.validation, "eval_", results);
  if (run.test) add_figures(*run.test, "test_", results);
  results["best_step"] = run.training.best_step;
  results["precision"] = enum_name(run.record.config.training.trainer.precision);
  return results;
}

Json eval_results(const FinishedRun& run) {
  Json results = Json::object();
  if (run.validation) results["validation"] = run.validation->to_json();
  if (run.test) results["test"] = run.test->to_json();
  return results;
}

// Of everything but the log, to which more may come; of checkpoints their manifests, which list the rest.
FileDigests digests_of_outputs(const fs::path& run_directory, const fs::path& best) {
  FileDigests digests;
  for (const std::string& name : names_in_folder(run_directory))
    if (is_output_file(name)) digests[name] = digest_of_file(run_directory / name);
  for (const std::string_view name : side_file_names())
    if (path_exists(best / name)) digests[std::string(name)] = digest_of_file(run_directory / name);
  for (const std::int64_t step : checkpoint_steps(run_directory)) {
    const std::string name = checkpoint_name(step) + "/" + kManifestName;
    if (path_exists(run_directory / name)) digests[name] = digest_of_file(run_directory / name);
  }
  digests[kConfig] = digest_of_file(best / kConfig);
  return digests;
}

}  // namespace

Json write_finished_run(const fs::path& run_directory, const FinishedRun& run) {
  const fs::path& best = run.training.best_checkpoint;
  copy_file_atomically(best / "model.safetensors", run_directory / "model.safetensors");
  copy_side_files(best, run_directory);
  Json results = all_results(run);
  write_file_atomically(run_directory / kAllResults, to_json_text(results, 2) + "\n");
  write_file_atomically(run_directory / "eval_results.json", to_json_text(eval_results(run), 2) + "\n");
  const ModelCardFacts facts{run.record,
                             run.card,
                             run.data,
                             run.validation ? &*run.validation : nullptr,
                             run.test ? &*run.test : nullptr,
                             results,
                             run.training.best_step};
  write_file_atomically(run_directory / "README.md", write_model_card(facts));
  record_outputs(run_directory, digests_of_outputs(run_directory, best));
  copy_file_atomically(best / kConfig, run_directory / kConfig);
  return results;
}

Json read_finished_run(const fs::path& run_directory) {
  require_whole_outputs(run_directory);
  return read_json_file((run_directory / kAllResults).string(), ExitCode::kModel);
}

}  // namespace llmtool
