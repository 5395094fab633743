#include "llmtool/commands/model_card.h"

#include <cstdio>
#include <filesystem>

#include "llmtool/config/writer.h"

namespace llmtool {
namespace {

constexpr std::int64_t kMostLabelsListed = 40;

std::string figure(const Metric& metric) {
  if (!metric.value) return "undefined (" + metric.reason + ")";
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", *metric.value);
  return text;
}

std::string front_matter(const ModelCardFacts& facts) {
  const std::string parent = std::filesystem::path(facts.record.config.model.from).filename().string();
  return "---\nlibrary_name: transformers\npipeline_tag: text-classification\nbase_model: " + Json(parent).dump() +
         "\ntags:\n- text-classification\n- llmtool\n---\n";
}

void append_split(const EncodedSplit& split, std::string& card) {
  card += "| " + split.name + " | `" + std::filesystem::path(split.path).filename().string() + "` | " +
          std::to_string(split.num_examples()) + " | " + std::to_string(split.encoded.num_truncated) + " | `" +
          split.sha256.substr(0, 16) + "…` |\n";
}

std::string data_section(const ClassificationData& data) {
  std::string card = "## Data\n\n| part | file | rows | cut texts | SHA-256 |\n|---|---|---|---|---|\n";
  append_split(data.training, card);
  if (data.validation) append_split(*data.validation, card);
  if (data.test) append_split(*data.test, card);
  card += "\nLabels, in the order of their ids: ";
  const LabelSet& labels = data.choice.labels;
  for (std::int64_t id = 0; id < labels.size() && id < kMostLabelsListed; ++id)
    card += (id == 0 ? "`" : ", `") + labels.name(id) + "`";
  if (labels.size() > kMostLabelsListed) card += ", … (" + std::to_string(labels.size()) + " in all, see config.json)";
  return card + ".\n";
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

constexpr const char* kUse =
    "## Use\n\n```sh\necho \"some text\" | llmtool predict . --input - --format text\n```\n\n```python\n"
    "from transformers import pipeline\n\npipeline(\"text-classification\", model=\".\")(\"some text\")\n```\n";

}  // namespace

std::string write_model_card(const ModelCardFacts& facts) {
  const std::string name = std::filesystem::path(facts.record.config.output_dir).filename().string();
  return front_matter(facts) + "\n# " + name + "\n\nA text classifier fine-tuned from `" +
         facts.record.config.model.from + "` with llmtool " + LLMTOOL_VERSION + ".\n\n" + data_section(facts.data) +
         "\n" + results_section(facts) + "\n" + training_section(facts) + "\n" + kUse;
}

}  // namespace llmtool
