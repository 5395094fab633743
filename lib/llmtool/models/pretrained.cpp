#include "llmtool/models/pretrained.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/formats/checkpoint.h"
#include "llmtool/models/head_choice.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/registry.h"
#include "llmtool/models/weight_matching.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr HeadKind kHead = HeadKind::kSequenceClassification;

std::shared_ptr<SequenceClassifier> make_classifier(const Json& config, const std::string& file,
                                                    std::int64_t num_labels, at::Device device) {
  std::shared_ptr<TextModel> body = make_text_model(config, file, device);
  std::shared_ptr<Head> head = body->make_head(kHead, num_labels, device);
  return std::make_shared<SequenceClassifier>(config, std::move(body), std::move(head));
}

std::int64_t num_bytes(const std::vector<WeightRow>& rows) {
  std::int64_t bytes = 0;
  for (const WeightRow& row : rows) bytes += row.tensor.numel() * static_cast<std::int64_t>(sizeof(float));
  return bytes;
}

// On the CPU; `shape` is the same model without memory.
std::shared_ptr<SequenceClassifier> allocate(const SequenceClassifier& shape, const std::string& file,
                                             std::int64_t num_labels) {
  try {
    return make_classifier(shape.config(), file, num_labels, at::kCPU);
  } catch (const c10::Error&) {
    throw ResourceError("not enough memory for the " + std::to_string(num_bytes(shape.weight_rows()) >> 20) +
                        " MiB of weights of " + file);
  }
}

std::string first_architecture(const Json& config) {
  const auto found = config.find("architectures");
  const bool named = found != config.end() && found->is_array() && !found->empty() && found->front().is_string();
  return named ? found->front().get<std::string>() : "";
}

std::set<std::string> head_names(const Head& head) {
  std::set<std::string> names;
  for (const WeightRow& row : head.weight_rows()) names.insert(row.name);
  return names;
}

StoredHead describe_head(const TextModel& body, const Json& config, const std::string& file,
                         const TensorSource& source) {
  const std::set<std::string> names = head_names(*body.make_head(kHead, 1, at::kMeta));
  StoredHead stored;
  stored.has_weights =
      std::all_of(names.begin(), names.end(), [&](const std::string& name) { return source.find(name) != nullptr; });
  stored.architecture = first_architecture(config);
  stored.wanted_architecture = body.architecture(kHead);
  stored.labels = read_labels(config, file);
  return stored;
}

// A new head replaces what is stored and lets body parts only it uses be missing; a kept one needs every weight.
MatchingRules rules_for(const SequenceClassifier& model, bool keep_head) {
  MatchingRules rules;
  rules.other_head_prefixes = model.body().other_head_prefixes();
  if (keep_head) return rules;
  for (const WeightRow& row : model.head().weight_rows()) rules.replaced_prefixes.push_back(row.name);
  for (const std::string& prefix : model.body().optional_prefixes())
    rules.optional_prefixes.push_back(std::string(model.body().base_prefix()) + prefix);
  return rules;
}

void refuse_problems(const LoadReport& report, const fs::path& directory) {
  if (report.is_fatal())
    throw ModelError("the weights in " + quote(directory.string()) + " are not those its config.json describes" +
                     report.problems());
}

void fill(const SequenceClassifier& model, const StoredWeights& stored, const LoadReport& report, std::uint64_t seed) {
  const std::set<std::string> created(report.created.begin(), report.created.end());
  for (const WeightRow& row : model.weight_rows()) {
    if (created.count(row.name) > 0) {
      initialize_weight(row, model.body().initializer_range(), seed);
    } else {
      copy_weight(row, *stored.at(row.name));
    }
  }
}

// For each label of `wanted` its place in `stored`.
at::Tensor label_order(const std::vector<std::string>& wanted, const std::vector<std::string>& stored) {
  std::vector<std::int64_t> order;
  for (const std::string& label : wanted)
    order.push_back(std::find(stored.begin(), stored.end(), label) - stored.begin());
  return at::tensor(order, at::TensorOptions().dtype(at::kLong));
}

}  // namespace

PretrainedClassifier load_pretrained(const fs::path& directory, const PretrainedRequest& request) {
  Json config = read_model_config(directory);
  const std::string file = model_config_path(directory);
  find_family(config, file).override_dropout(config, request.dropout);
  const std::unique_ptr<TensorSource> source = open_checkpoint(directory);
  const StoredHead stored_head = describe_head(*make_text_model(config, file, at::kMeta), config, file, *source);
  const HeadChoice choice =
      choose_head(stored_head, request.labels, request.labels_are_ordered, request.head, directory.string());
  if (!request.labels.empty()) config["problem_type"] = request.problem_type;

  // Names and shapes are compared before anything of the size a config claims is allocated.
  const auto num_labels = static_cast<std::int64_t>(choice.labels.size());
  const auto shape = make_classifier(config, file, num_labels, at::kMeta);
  const StoredWeights stored = canonical_weights(*source, shape->weight_rows(), shape->body().base_prefix());
  LoadReport report = match_weights(shape->weight_rows(), stored, rules_for(*shape, choice.keep));
  report.head_kept = choice.keep;
  report.head_reason = choice.reason;
  refuse_problems(report, directory);

  const auto model = allocate(*shape, file, num_labels);
  fill(*model, stored, report, request.seed);
  if (choice.keep) model->head().reorder_labels(label_order(choice.labels, stored_head.labels));
  model->eval();
  return {model, choice.labels, std::move(report)};
}

void load_weights(const fs::path& directory, SequenceClassifier& model) {
  const std::unique_ptr<TensorSource> source = open_checkpoint(directory);
  const std::vector<WeightRow> rows = model.weight_rows();
  const StoredWeights stored = canonical_weights(*source, rows, model.body().base_prefix());
  const LoadReport report = match_weights(rows, stored, MatchingRules{});
  refuse_problems(report, directory);
  fill(model, stored, report, 0);
}

}  // namespace llmtool
