#include "llmtool/models/weight_mapping.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/text.h"
#include "llmtool/nn/embeddings.h"

namespace llmtool {

std::vector<std::int64_t> stored_shape(const WeightRow& row) {
  std::vector<std::int64_t> shape = row.tensor.sizes().vec();
  if (row.transform == WeightTransform::kTransposed) std::reverse(shape.begin(), shape.end());
  return shape;
}

void assign_weight(const WeightRow& row, const at::Tensor& values) {
  const at::NoGradGuard no_grad;
  row.tensor.copy_(row.transform == WeightTransform::kTransposed ? values.t() : values);
}

at::Tensor stored_values(const WeightRow& row) {
  const at::Tensor values = row.tensor.detach().to(at::kCPU, at::kFloat);
  return (row.transform == WeightTransform::kTransposed ? values.t() : values).contiguous();
}

void append_linear_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                        const at::Tensor& bias) {
  rows.push_back({name + ".weight", weight});
  if (bias.defined()) rows.push_back({name + ".bias", bias, WeightStart::kZeros});
}

void append_embedding_rows(std::vector<WeightRow>& rows, const std::string& name, const Embedding& table) {
  rows.push_back({name + ".weight", table.weight});
  rows.back().zero_row = table.padding_id();
}

void append_norm_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                      const at::Tensor& bias) {
  rows.push_back({name + ".weight", weight, WeightStart::kOnes});
  if (bias.defined()) rows.push_back({name + ".bias", bias, WeightStart::kZeros});
}

namespace {

bool starts_with_any(const std::string& name, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return name.starts_with(prefix); });
}

bool matches_any(std::string_view name, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_pattern(name, pattern); });
}

// What checkpoints hold beside the weights of a model: buffers that say no more than its config (the second row is
// GPT-2's causal mask and the number put in its place), a table that was left over in training (DeBERTa), and what
// belongs to a loss.
bool is_known_leftover(const std::string& name) {
  static const std::vector<std::string> patterns{
      "*position_ids",    "*embeddings.token_type_ids", "*rotary_emb*inv_freq",
      "*.attn.bias",      "*.attn.masked_bias",         "*word_embeddings._weight",
      "*loss_fct.weight", "*loss_fct.pos_weight",       "*num_batches_tracked"};
  return matches_any(name, patterns);
}

// What DataParallel, torch.compile, PEFT and training frameworks put before the names of the model they hold.
constexpr std::array<std::string_view, 4> kWrapperPrefixes{"module.", "_orig_mod.", "base_model.model.", "model."};

// Whether it is one of them, or several behind each other.
bool is_wrapper_prefix(std::string_view prefix) {
  while (!prefix.empty()) {
    const auto wrapper = std::find_if(kWrapperPrefixes.begin(), kWrapperPrefixes.end(),
                                      [&](std::string_view known) { return prefix.starts_with(known); });
    if (wrapper == kWrapperPrefixes.end()) return false;
    prefix.remove_prefix(wrapper->size());
  }
  return true;
}

// What stands before `name` in the stored names that end with it.
std::set<std::string> prefixes_of(const std::string& name, const TensorSource& source) {
  std::set<std::string> prefixes;
  for (const std::string& stored : source.names()) {
    if (!stored.ends_with(name)) continue;
    const std::string prefix = stored.substr(0, stored.size() - name.size());
    if (prefix.empty() || prefix.back() == '.') prefixes.insert(prefix);
  }
  return prefixes;
}

// The prefix of a wrapper, found at the word embedding, which every checkpoint has.
std::string wrapper_prefix(const TensorSource& source, std::string embedding, std::string_view base_prefix) {
  if (embedding.starts_with(base_prefix)) embedding.erase(0, base_prefix.size());
  for (const std::string& name : {std::string(base_prefix) + embedding, embedding}) {
    const std::set<std::string> prefixes = prefixes_of(name, source);
    if (prefixes.empty()) continue;
    if (prefixes.contains("")) return "";
    if (prefixes.size() == 1 && is_wrapper_prefix(*prefixes.begin())) return *prefixes.begin();
    const bool is_one = prefixes.size() == 1;
    throw ModelError(source.files().front().string() + ": the names of the weights begin with " +
                     listed(prefixes, quote) +
                     (is_one ? ", which is none of the prefixes that are taken off ("
                             : ", and which of them is meant cannot be told (") +
                     listed(kWrapperPrefixes) + "); save the weights of one model without it");
  }
  return "";
}

void refuse_adapters(const TensorSource& source) {
  static const std::vector<std::string> patterns{"*.lora_*", "*.base_layer.*", "*.modules_to_save.*",
                                                 "*.original_module.*"};
  for (const std::string& name : source.names())
    if (matches_any(name, patterns))
      throw ModelError(source.files().front().string() + ": " + quote(name) +
                       " belongs to an adapter of PEFT; merge it into the model first "
                       "(model.merge_and_unload().save_pretrained(DIR) in Python) and name that folder");
}

// TensorFlow's names, kept by the first conversions to PyTorch.
std::string modern_name(const std::string& name) {
  if (name.ends_with(".gamma")) return name.substr(0, name.size() - 5) + "weight";
  if (name.ends_with(".beta")) return name.substr(0, name.size() - 4) + "bias";
  return name;
}

std::optional<at::ScalarType> scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kF16:
      return at::kHalf;
    case DType::kBF16:
      return at::kBFloat16;
    case DType::kF32:
      return at::kFloat;
    case DType::kF64:
      return at::kDouble;
    default:
      return std::nullopt;
  }
}

// A tensor over the view's bytes, or over a copy where they are not aligned.
at::Tensor tensor_of(const TensorView& view, at::ScalarType type) {
  const auto options = at::TensorOptions().dtype(type);
  const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
  if (address % dtype_size(view.dtype) == 0)
    return at::from_blob(const_cast<char*>(view.bytes.data()), view.shape, options);
  at::Tensor copy = at::empty(view.shape, options);
  std::memcpy(copy.data_ptr(), view.bytes.data(), view.bytes.size());
  return copy;
}

void match_row(const WeightRow& row, const StoredWeights& stored, const MatchingRules& rules, LoadReport& report) {
  if (starts_with_any(row.name, rules.replaced_prefixes)) {
    report.created.push_back(row.name);
    return;
  }
  const auto found = stored.tensors.find(row.name);
  if (found == stored.tensors.end()) {
    (starts_with_any(row.name, rules.optional_prefixes) ? report.created : report.missing).push_back(row.name);
    return;
  }
  const std::vector<std::int64_t> expected = stored_shape(row);
  if (found->second->shape != expected) {
    report.misshaped.push_back({row.name, expected, found->second->shape});
    return;
  }
  report.matched.push_back(row.name);
  if (found->second->dtype != DType::kF32) ++report.num_converted;
}

// The name among `expected` that a stored name means, or the stored name.
std::string canonical_name(const std::string& stored, const std::set<std::string>& expected,
                           std::string_view base_prefix) {
  const std::string name = modern_name(stored);
  if (expected.count(name) > 0) return name;
  if (const std::string longer = std::string(base_prefix) + name; expected.count(longer) > 0) return longer;
  if (!name.starts_with(base_prefix)) return name;
  const std::string shorter = name.substr(base_prefix.size());
  return expected.count(shorter) > 0 ? shorter : name;
}

// From a normal distribution, cut off where the row says so: uniform between the cuts' quantiles, through its inverse.
// Beyond five deviations fp32 quantiles are no longer told from 1.
void draw(const WeightRow& row, double standard_deviation, std::uint64_t seed) {
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  constexpr double kFarthestCutoff = 5.0;
  if (row.initial_cutoff.value_or(kFarthestCutoff) >= kFarthestCutoff) {
    row.tensor.normal_(0.0, standard_deviation, generator);
    return;
  }
  const double edge = std::erf(*row.initial_cutoff / std::sqrt(2.0));
  row.tensor.uniform_(-edge, edge, generator).erfinv_().mul_(standard_deviation * std::sqrt(2.0));
}

bool same_values(const TensorView& left, const TensorView& right) {
  return left.dtype == right.dtype && left.shape == right.shape && left.bytes == right.bytes;
}

}  // namespace

StoredWeights canonical_weights(const TensorSource& source, const std::vector<WeightRow>& rows,
                                std::string_view base_prefix, const std::vector<std::string>& ignore) {
  refuse_adapters(source);
  std::set<std::string> expected;
  for (const WeightRow& row : rows) expected.insert(row.name);
  StoredWeights stored;
  stored.removed_prefix = wrapper_prefix(source, rows.front().name, base_prefix);
  for (const std::string& original : source.names()) {
    const bool is_wrapped = original.starts_with(stored.removed_prefix);
    const std::string bare = is_wrapped ? original.substr(stored.removed_prefix.size()) : original;
    if (matches_any(original, ignore) || matches_any(bare, ignore)) {
      stored.ignored.push_back(original);
      continue;
    }
    const std::string name = canonical_name(bare, expected, base_prefix);
    if (!stored.tensors.emplace(name, source.find(original)).second)
      throw ModelError(source.files().front().string() + ": two stored tensors mean the weight " + quote(name) +
                       "; one of them is " + quote(original));
  }
  return stored;
}

std::vector<std::string> resolve_ties(StoredWeights& stored, const std::vector<TiedWeight>& ties) {
  std::vector<std::string> copies;
  for (const TiedWeight& tie : ties) {
    const auto copy = stored.tensors.find(tie.copy);
    if (copy == stored.tensors.end()) continue;
    const auto [original, is_new] = stored.tensors.emplace(tie.original, copy->second);
    if (!same_values(*original->second, *copy->second))
      throw ModelError("the weights " + quote(tie.copy) + " and " + quote(tie.original) +
                       " differ, but config.json ties them; set \"tie_word_embeddings\": false there to keep both");
    if (!is_new) copies.push_back(tie.copy);
    stored.tensors.erase(copy);
  }
  return copies;
}

void complete_names(StoredWeights& stored, const std::vector<WeightRow>& rows) {
  for (const WeightRow& row : rows) {
    if (stored.tensors.contains(row.name)) continue;
    for (const WeightRow& other : rows) {
      const auto found = other.tensor.is_same(row.tensor) ? stored.tensors.find(other.name) : stored.tensors.end();
      if (found == stored.tensors.end()) continue;
      stored.tensors.emplace(row.name, found->second);
      break;
    }
  }
}

LoadReport match_weights(const std::vector<WeightRow>& rows, const StoredWeights& stored, const MatchingRules& rules) {
  LoadReport report;
  report.removed_prefix = stored.removed_prefix;
  report.ignored = stored.ignored;
  std::set<std::string> expected;
  for (const WeightRow& row : rows) {
    expected.insert(row.name);
    match_row(row, stored, rules, report);
  }
  for (const auto& [name, view] : stored.tensors) {
    const bool is_row = expected.count(name) > 0;
    if (is_row && !starts_with_any(name, rules.replaced_prefixes)) continue;
    if (is_row || starts_with_any(name, rules.other_head_prefixes)) {
      report.unused.push_back(name);
    } else {
      (is_known_leftover(name) ? report.ignored : report.unexpected).push_back(name);
    }
  }
  return report;
}

void copy_weight(const WeightRow& row, const TensorView& view) {
  const auto type = scalar_type(view.dtype);
  if (!type)
    throw ModelError("the weight " + quote(row.name) + " is stored as " + std::string(enum_name(view.dtype)) +
                     "; supported are F32, F16, BF16 and F64");
  assign_weight(row, tensor_of(view, *type));
}

void initialize_weight(const WeightRow& row, double standard_deviation, std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  switch (row.start) {
    case WeightStart::kNormal:
      draw(row, standard_deviation * row.initial_scale, stable_hash(row.name, seed));
      if (row.zero_row) row.tensor.select(0, *row.zero_row).zero_();
      return;
    case WeightStart::kZeros:
      row.tensor.zero_();
      return;
    case WeightStart::kOnes:
      row.tensor.fill_(1.0);
      return;
    case WeightStart::kSinusoidal:
      row.tensor.copy_(sinusoidal_positions(row.tensor.size(0), row.tensor.size(1), at::kCPU));
      return;
  }
}

}  // namespace llmtool
