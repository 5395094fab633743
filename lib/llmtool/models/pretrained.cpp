#include "llmtool/models/pretrained.h"

#include <ATen/Functions.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/formats/checkpoint.h"
#include "llmtool/models/assembly.h"
#include "llmtool/models/families.h"
#include "llmtool/models/head_choice.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/weight_matching.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// A model folder, opened.
struct Checkpoint {
  fs::path directory;
  Json config;
  std::string config_file;  // for messages
  std::unique_ptr<TensorSource> weights;
  std::vector<std::string> ignore;
};

Checkpoint open(const fs::path& directory, const DropoutOverrides& dropout, const std::vector<std::string>& ignore) {
  Checkpoint checkpoint{directory, read_model_config(directory), model_config_path(directory), nullptr, ignore};
  find_family(checkpoint.config, checkpoint.config_file).override_dropout(checkpoint.config, dropout);
  checkpoint.weights = open_checkpoint(directory);
  return checkpoint;
}

std::int64_t num_bytes(const std::vector<WeightRow>& rows) {
  std::int64_t bytes = 0;
  for (const WeightRow& row : rows) bytes += row.tensor.numel() * static_cast<std::int64_t>(sizeof(float));
  return bytes;
}

// Calls make(kCPU); `shape` is the same model without memory.
template <class Make>
auto allocate(const AssembledModel& shape, const std::string& source, const Make& make) {
  try {
    return make(at::Device(at::kCPU));
  } catch (const c10::Error&) {
    throw ResourceError("not enough memory for the " + std::to_string(num_bytes(shape.weight_rows()) >> 20) +
                        " MiB of weights of " + source);
  }
}

std::string first_architecture(const Json& config) {
  const auto found = config.find("architectures");
  const bool named = found != config.end() && found->is_array() && !found->empty() && found->front().is_string();
  return named ? found->front().get<std::string>() : "";
}

// The labels of a head that is replaced play no part, so they are not read.
StoredHead describe_classifier(const Checkpoint& checkpoint, bool is_replaced) {
  const auto shape = assemble_classifier(checkpoint.config, checkpoint.config_file, 1, at::kMeta);
  const StoredWeights weights =
      canonical_weights(*checkpoint.weights, shape->weight_rows(), shape->body().base_prefix(), checkpoint.ignore);
  const std::vector<WeightRow> rows = shape->head_rows();
  StoredHead stored;
  stored.has_weights =
      std::all_of(rows.begin(), rows.end(), [&](const WeightRow& row) { return weights.tensors.contains(row.name); });
  stored.architecture = first_architecture(checkpoint.config);
  stored.wanted_architecture = shape->architecture();
  if (!is_replaced) stored.labels = read_labels(checkpoint.config, checkpoint.config_file);
  return stored;
}

// The body's optional parts, with and without the base prefix.
std::vector<std::string> optional_body_prefixes(const AssembledModel& model) {
  std::vector<std::string> prefixes;
  for (const std::string& prefix : model.body().optional_prefixes()) {
    prefixes.push_back(prefix);
    prefixes.push_back(std::string(model.body().base_prefix()) + prefix);
  }
  return prefixes;
}

std::vector<std::string> names_of(const std::vector<WeightRow>& rows) {
  std::vector<std::string> names;
  for (const WeightRow& row : rows) names.push_back(row.name);
  return names;
}

// Weights of the family that this model has no use for: of other heads, and parts of the body that only they use.
std::vector<std::string> unused_prefixes(const AssembledModel& model) {
  std::vector<std::string> prefixes = optional_body_prefixes(model);
  for (std::string& prefix : model.body().head_prefixes()) prefixes.push_back(std::move(prefix));
  std::vector<std::string> names = names_of(model.weight_rows());
  for (TiedWeight& tie : model.tied_weights()) names.push_back(std::move(tie.copy));
  std::erase_if(prefixes, [&](const std::string& prefix) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(prefix); });
  });
  return prefixes;
}

// A kept head needs every weight; a new one lets what only it uses of the body be missing, and takes what it shares
// with other heads where that is stored.
MatchingRules classifier_rules(const AssembledModel& model, bool keep_head) {
  MatchingRules rules;
  rules.other_head_prefixes = unused_prefixes(model);
  if (keep_head) return rules;
  rules.replaced_prefixes = names_of(model.head_rows());
  rules.optional_prefixes = optional_body_prefixes(model);
  for (const std::string& shared : model.body().shared_head_prefixes()) {
    std::erase_if(rules.replaced_prefixes, [&](const std::string& name) { return name.starts_with(shared); });
    rules.optional_prefixes.push_back(shared);
  }
  return rules;
}

MatchingRules language_model_rules(const AssembledModel& model, bool allow_new_head) {
  MatchingRules rules;
  rules.other_head_prefixes = unused_prefixes(model);
  if (!allow_new_head) return rules;
  rules.optional_prefixes = optional_body_prefixes(model);
  for (std::string& name : names_of(model.head_rows())) rules.optional_prefixes.push_back(std::move(name));
  return rules;
}

void refuse_problems(const LoadReport& report, const fs::path& directory) {
  if (!report.is_fatal()) return;
  std::string message =
      "the weights in " + quote(directory.string()) + " are not those its config.json describes" + report.problems();
  if (!report.unexpected.empty())
    message +=
        "\nWeights that a model of this kind has no use for are passed over where model.ignore of a run's config, or "
        "--ignore of llmtool convert, names them.";
  throw ModelError(message);
}

void fill(const AssembledModel& model, const StoredWeights& stored, const LoadReport& report, std::uint64_t seed) {
  const std::set<std::string> created(report.created.begin(), report.created.end());
  for (const WeightRow& row : model.weight_rows()) {
    if (created.count(row.name) > 0) {
      initialize_weight(row, model.body().initializer_range(), seed);
    } else {
      copy_weight(row, *stored.tensors.at(row.name));
    }
  }
}

StoredWeights stored_weights(const TensorSource& source, const AssembledModel& model,
                             const std::vector<std::string>& ignore) {
  const std::vector<WeightRow> rows = model.weight_rows();
  StoredWeights stored = canonical_weights(source, rows, model.body().base_prefix(), ignore);
  for (std::string& copy : resolve_ties(stored, model.tied_weights())) stored.ignored.push_back(std::move(copy));
  complete_names(stored, rows);
  return stored;
}

template <class Model>
struct Loaded {
  std::shared_ptr<Model> model;
  LoadReport report;
};

// Names and shapes are compared before anything of the size a config claims is allocated. make(device) assembles the
// model, rules_for(model) says which differences are in order.
template <class Make, class Rules>
auto load_model(const Checkpoint& checkpoint, const Make& make, const Rules& rules_for, std::uint64_t seed) {
  const auto shape = make(at::Device(at::kMeta));
  const StoredWeights stored = stored_weights(*checkpoint.weights, *shape, checkpoint.ignore);
  LoadReport report = match_weights(shape->weight_rows(), stored, rules_for(*shape));
  refuse_problems(report, checkpoint.directory);

  auto model = allocate(*shape, checkpoint.config_file, make);
  fill(*model, stored, report, seed);
  model->eval();
  return Loaded{std::move(model), std::move(report)};
}

// For each label of `wanted` its place in `stored`.
at::Tensor label_order(const std::vector<std::string>& wanted, const std::vector<std::string>& stored) {
  std::vector<std::int64_t> order;
  for (const std::string& label : wanted)
    order.push_back(std::find(stored.begin(), stored.end(), label) - stored.begin());
  return at::tensor(order, at::TensorOptions().dtype(at::kLong));
}

// Head weights that were drawn anew, if any.
void describe_language_model_head(const LanguageModel& model, LoadReport& report) {
  const std::set<std::string> created(report.created.begin(), report.created.end());
  const std::vector<std::string> names = names_of(model.head_rows());
  const auto num_created =
      std::count_if(names.begin(), names.end(), [&](const std::string& name) { return created.count(name) > 0; });
  report.head_kept = num_created == 0;
  report.head_reason = report.head_kept ? "as stored"
                                        : "the checkpoint lacks " + std::to_string(num_created) + " of its " +
                                              std::to_string(names.size()) + " weights";
}

}  // namespace

PretrainedClassifier load_pretrained(const fs::path& directory, const PretrainedRequest& request) {
  Checkpoint checkpoint = open(directory, request.dropout, request.ignore);
  const bool is_replaced = request.head == HeadPolicy::kNew && !request.labels.empty();
  const StoredHead stored_head = describe_classifier(checkpoint, is_replaced);
  const HeadChoice choice =
      choose_head(stored_head, request.labels, request.labels_are_ordered, request.head, directory.string());
  if (!request.labels.empty()) checkpoint.config["problem_type"] = request.problem_type;

  const auto num_labels = static_cast<std::int64_t>(choice.labels.size());
  auto [model, report] = load_model(
      checkpoint,
      [&](at::Device device) {
        return assemble_classifier(checkpoint.config, checkpoint.config_file, num_labels, device);
      },
      [&](const AssembledModel& shape) { return classifier_rules(shape, choice.keep); }, request.seed);
  report.head_kept = choice.keep;
  report.head_reason = choice.reason;
  if (choice.keep) model->head().reorder_labels(label_order(choice.labels, stored_head.labels));
  return {std::move(model), choice.labels, std::move(report)};
}

PretrainedLanguageModel load_language_model(const fs::path& directory, const LanguageModelRequest& request) {
  const Checkpoint checkpoint = open(directory, request.dropout, request.ignore);
  auto [model, report] = load_model(
      checkpoint,
      [&](at::Device device) {
        return assemble_language_model(checkpoint.config, checkpoint.config_file, request.head, device);
      },
      [&](const AssembledModel& shape) { return language_model_rules(shape, request.allow_new_head); }, request.seed);
  describe_language_model_head(*model, report);
  return {std::move(model), std::move(report)};
}

PretrainedEncoder load_text_encoder(const fs::path& directory, const DropoutOverrides& dropout, std::uint64_t seed,
                                    const std::vector<std::string>& ignore) {
  const Checkpoint checkpoint = open(directory, dropout, ignore);
  auto [model, report] = load_model(
      checkpoint,
      [&](at::Device device) { return assemble_text_encoder(checkpoint.config, checkpoint.config_file, device); },
      [](const AssembledModel& shape) {
        return MatchingRules{{}, optional_body_prefixes(shape), unused_prefixes(shape)};
      },
      seed);
  return {std::move(model), std::move(report)};
}

std::shared_ptr<LanguageModel> make_from_config(const Json& config, const std::string& source, HeadKind head,
                                                std::uint64_t seed) {
  const auto make = [&](at::Device device) { return assemble_language_model(config, source, head, device); };
  auto model = allocate(*make(at::kMeta), source, make);
  for (const WeightRow& row : model->weight_rows()) initialize_weight(row, model->body().initializer_range(), seed);
  model->eval();
  return model;
}

void load_weights(const fs::path& directory, AssembledModel& model) {
  const std::unique_ptr<TensorSource> source = open_checkpoint(directory);
  const StoredWeights stored = stored_weights(*source, model, {});
  const LoadReport report = match_weights(model.weight_rows(), stored, MatchingRules{});
  refuse_problems(report, directory);
  fill(model, stored, report, 0);
}

}  // namespace llmtool
