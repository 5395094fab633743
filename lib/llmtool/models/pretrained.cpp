#include "llmtool/models/pretrained.h"

#include <ATen/Functions.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/formats/tensor_source.h"
#include "llmtool/models/families.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/registry.h"
#include "llmtool/models/weight_mapping.h"

namespace llmtool {
namespace {

std::vector<WeightRow> dense_rows(const Dense& dense) {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, "linear", dense.linear->weight, dense.linear->bias);
  if (dense.residual) append_linear_rows(rows, "residual", dense.residual->weight, dense.residual->bias);
  return rows;
}

}  // namespace

std::shared_ptr<Dense> load_dense(const std::filesystem::path& folder, const DenseOptions& options) {
  const std::unique_ptr<TensorSource> source = open_checkpoint(folder);
  StoredWeights stored;
  for (const std::string& name : source->names()) stored.tensors.emplace(name, source->find(name));
  // Shapes are compared before anything of the size a config claims is allocated.
  const LoadReport report = match_weights(dense_rows(Dense(options, at::kMeta)), stored, MatchingRules{});
  if (report.is_fatal())
    throw ModelError("the weights in " + quote(folder.string()) + " are not those its config.json describes" +
                     report.problems());
  auto dense = std::make_shared<Dense>(options, at::kCPU);
  for (const WeightRow& row : dense_rows(*dense)) copy_weight(row, *stored.tensors.at(row.name));
  return dense;
}

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

Checkpoint open(const fs::path& directory, const LoadRequest& request) {
  Checkpoint checkpoint{directory, read_model_config(directory), model_config_path(directory), nullptr, request.ignore};
  find_family(checkpoint.config, checkpoint.config_file)
      .override_dropout(checkpoint.config, request.dropout, request.head);
  checkpoint.weights = open_checkpoint(directory);
  return checkpoint;
}

std::int64_t num_bytes(const std::vector<WeightRow>& rows) {
  std::int64_t bytes = 0;
  for (const WeightRow& row : rows) bytes += row.tensor.numel() * static_cast<std::int64_t>(sizeof(float));
  return bytes;
}

// On the CPU; `shape` is the same model without memory.
std::shared_ptr<Model> allocate(const Model& shape, const std::string& source) {
  try {
    return make_model(shape.config(), source, shape.head_kind(), at::kCPU);
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
StoredHead describe_head(const Checkpoint& checkpoint, HeadKind head, bool is_replaced) {
  Json config = checkpoint.config;
  StoredHead stored;
  if (is_replaced) {
    write_labels(config, {"any"});
  } else {
    stored.labels = read_labels(config, checkpoint.config_file);
  }
  const auto shape = make_model(config, checkpoint.config_file, head, at::kMeta);
  const StoredWeights weights =
      canonical_weights(*checkpoint.weights, shape->weight_rows(), shape->family().base_prefix, checkpoint.ignore);
  const std::vector<WeightRow> rows = shape->head_rows();
  stored.has_weights =
      std::all_of(rows.begin(), rows.end(), [&](const WeightRow& row) { return weights.tensors.contains(row.name); });
  stored.architecture = first_architecture(checkpoint.config);
  stored.wanted_architecture = shape->architecture();
  return stored;
}

// The body's optional parts, with and without the base prefix.
std::vector<std::string> optional_body_prefixes(const Model& model) {
  std::vector<std::string> prefixes;
  for (const std::string& prefix : model.body().optional_prefixes()) {
    prefixes.push_back(prefix);
    prefixes.push_back(std::string(model.family().base_prefix) + prefix);
  }
  return prefixes;
}

std::vector<std::string> names_of(const std::vector<WeightRow>& rows) {
  std::vector<std::string> names;
  for (const WeightRow& row : rows) names.push_back(row.name);
  return names;
}

// Weights of the family that this model has no use for: of other heads, and parts of the body that only they use.
std::vector<std::string> unused_prefixes(const Model& model) {
  std::vector<std::string> prefixes = optional_body_prefixes(model);
  for (const std::string& prefix : model.family().head_prefixes) prefixes.push_back(prefix);
  std::vector<std::string> names = names_of(model.weight_rows());
  for (TiedWeight& tie : model.tied_weights()) names.push_back(std::move(tie.copy));
  std::erase_if(prefixes, [&](const std::string& prefix) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(prefix); });
  });
  return prefixes;
}

// Where the weights of a head come from: all of them from the checkpoint, as far as it has them, or none.
enum class HeadWeights { kStored, kStoredOrDrawn, kDrawn };

// What is drawn for a new head may be missing of the body, too; what it shares with other heads is taken where it is
// stored.
MatchingRules matching_rules(const Model& model, HeadWeights source) {
  MatchingRules rules;
  rules.other_head_prefixes = unused_prefixes(model);
  if (source == HeadWeights::kStored) return rules;
  rules.optional_prefixes = optional_body_prefixes(model);
  for (std::string& name : names_of(model.head_rows())) {
    const std::vector<std::string>& shared = model.family().shared_head_prefixes;
    const bool is_shared =
        std::any_of(shared.begin(), shared.end(), [&](const std::string& prefix) { return name.starts_with(prefix); });
    const bool may_be_stored = source == HeadWeights::kStoredOrDrawn || is_shared;
    (may_be_stored ? rules.optional_prefixes : rules.replaced_prefixes).push_back(std::move(name));
  }
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

void fill(const Model& model, const StoredWeights& stored, const LoadReport& report, std::uint64_t seed) {
  const std::set<std::string> created(report.created.begin(), report.created.end());
  for (const WeightRow& row : model.weight_rows()) {
    if (created.count(row.name) > 0) {
      initialize_weight(row, model.body().initializer_range(), seed);
    } else {
      copy_weight(row, *stored.tensors.at(row.name));
    }
  }
}

StoredWeights stored_weights(const TensorSource& source, const Model& model, const std::vector<std::string>& ignore) {
  const std::vector<WeightRow> rows = model.weight_rows();
  StoredWeights stored = canonical_weights(source, rows, model.family().base_prefix, ignore);
  for (std::string& copy : resolve_ties(stored, model.tied_weights())) stored.ignored.push_back(std::move(copy));
  complete_names(stored, rows);
  return stored;
}

// Names and shapes are compared before anything of the size a config claims is allocated.
LoadedModel load_from(const Checkpoint& checkpoint, const LoadRequest& request, HeadWeights source) {
  const auto shape = make_model(checkpoint.config, checkpoint.config_file, request.head, at::kMeta);
  const StoredWeights stored = stored_weights(*checkpoint.weights, *shape, checkpoint.ignore);
  LoadReport report = match_weights(shape->weight_rows(), stored, matching_rules(*shape, source));
  refuse_problems(report, checkpoint.directory);

  auto model = allocate(*shape, checkpoint.config_file);
  fill(*model, stored, report, request.seed);
  model->eval();
  return {std::move(model), std::move(report)};
}

// For each label of `wanted` its place in `stored`.
at::Tensor label_order(const std::vector<std::string>& wanted, const std::vector<std::string>& stored) {
  std::vector<std::int64_t> order;
  for (const std::string& label : wanted)
    order.push_back(std::find(stored.begin(), stored.end(), label) - stored.begin());
  return at::tensor(order, at::TensorOptions().dtype(at::kLong));
}

// Head weights that were drawn anew, if any.
void describe_head_weights(const Model& model, LoadReport& report) {
  const std::set<std::string> created(report.created.begin(), report.created.end());
  const std::vector<std::string> names = names_of(model.head_rows());
  const auto num_created =
      std::count_if(names.begin(), names.end(), [&](const std::string& name) { return created.count(name) > 0; });
  report.head_kept = num_created == 0;
  report.head_reason = report.head_kept ? "as stored"
                                        : "the checkpoint lacks " + std::to_string(num_created) + " of its " +
                                              std::to_string(names.size()) + " weights";
}

// A head that scores labels is kept, reordered or made anew by the names of its labels.
LoadedModel load_labelled(Checkpoint& checkpoint, const LoadRequest& request) {
  const bool is_replaced = request.policy == HeadPolicy::kNew && !request.labels.empty();
  const StoredHead stored = describe_head(checkpoint, request.head, is_replaced);
  const HeadChoice choice =
      choose_head(stored, request.labels, request.labels_are_ordered, request.policy, checkpoint.directory.string());
  if (!request.labels.empty()) checkpoint.config["problem_type"] = request.problem_type;
  checkpoint.config.erase("num_labels");
  write_labels(checkpoint.config, choice.labels);
  LoadedModel loaded = load_from(checkpoint, request, choice.keep ? HeadWeights::kStored : HeadWeights::kDrawn);
  loaded.report.head_kept = choice.keep;
  loaded.report.head_reason = choice.reason;
  if (choice.keep) loaded.model->reorder_labels(label_order(choice.labels, stored.labels));
  return loaded;
}

// The names a number type has in LibTorch, in safetensors and in config.json.
struct NumberType {
  at::ScalarType values;
  DType stored;
  const char* config_name;
};

NumberType number_type(StoredPrecision precision) {
  switch (precision) {
    case StoredPrecision::kFp32:
      return {at::kFloat, DType::kF32, "float32"};
    case StoredPrecision::kFp16:
      return {at::kHalf, DType::kF16, "float16"};
    case StoredPrecision::kBf16:
      return {at::kBFloat16, DType::kBF16, "bfloat16"};
  }
  throw std::logic_error("a precision without a number type");
}

at::Tensor converted_values(const WeightRow& row, const NumberType& type) {
  const at::Tensor values = stored_values(row);
  if (type.values == at::kFloat) return values;
  at::Tensor converted = values.to(type.values);
  if (!at::isfinite(converted).equal(at::isfinite(values)))
    throw ModelError("the weight " + quote(row.name) + " has values that fp16 cannot hold; use bf16 or fp32");
  return converted;
}

TensorView view_of(const at::Tensor& values, DType type) {
  return {type, values.sizes().vec(), {static_cast<const char*>(values.const_data_ptr()), values.nbytes()}};
}

void write_weights(const Model& model, const fs::path& path, const NumberType& type) {
  std::vector<at::Tensor> values;  // keeps the bytes alive while they are written
  std::vector<NamedTensor> tensors;
  for (const WeightRow& row : model.weight_rows()) {
    values.push_back(converted_values(row, type));
    tensors.push_back({row.name, view_of(values.back(), type.stored)});
  }
  write_safetensors(path, tensors, {{"format", "pt"}});
}

// Hugging Face writes its keys sorted.
Json sorted_keys(const Json& config) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : config.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  Json sorted = Json::object();
  for (const std::string& key : keys) sorted[key] = config.at(key);
  return sorted;
}

Json config_to_save(const Model& model, const NumberType& type) {
  Json config = model.config();
  config["architectures"] = {model.architecture()};
  // The name of this key changed from torch_dtype to dtype; the one the model came with is kept.
  config[config.contains("torch_dtype") ? "torch_dtype" : "dtype"] = type.config_name;
  return sorted_keys(config);
}

}  // namespace

LoadedModel load_model(const fs::path& directory, const LoadRequest& request) {
  Checkpoint checkpoint = open(directory, request);
  if (scores_labels(request.head)) return load_labelled(checkpoint, request);
  const bool may_draw = request.allow_new_head || request.head == HeadKind::kNone;
  LoadedModel loaded = load_from(checkpoint, request, may_draw ? HeadWeights::kStoredOrDrawn : HeadWeights::kStored);
  if (request.head != HeadKind::kNone) describe_head_weights(*loaded.model, loaded.report);
  return loaded;
}

std::shared_ptr<Model> draw_model(const Json& config, const std::string& source, HeadKind head, std::uint64_t seed) {
  auto model = allocate(*make_model(config, source, head, at::kMeta), source);
  for (const WeightRow& row : model->weight_rows()) initialize_weight(row, model->body().initializer_range(), seed);
  model->eval();
  return model;
}

void load_weights(const fs::path& directory, Model& model) {
  const std::unique_ptr<TensorSource> source = open_checkpoint(directory);
  const StoredWeights stored = stored_weights(*source, model, {});
  const LoadReport report = match_weights(model.weight_rows(), stored, MatchingRules{});
  refuse_problems(report, directory);
  fill(model, stored, report, 0);
}

void save_pretrained(const Model& model, const fs::path& directory, StoredPrecision precision) {
  const NumberType type = number_type(precision);
  const Json config = config_to_save(model, type);
  write_weights(model, directory / "model.safetensors", type);
  write_file_atomically(directory / "config.json", to_json_text(config, 2) + "\n");
}

}  // namespace llmtool
