#include "llmtool/commands/model_card.h"

#include <cstdio>
#include <filesystem>

#include "llmtool/config/writer.h"

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

}  // namespace llmtool
