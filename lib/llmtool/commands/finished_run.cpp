#include "llmtool/commands/finished_run.h"

#include "llmtool/commands/model_files.h"
#include "llmtool/commands/run_verification.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/manifest.h"

namespace llmtool {
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
