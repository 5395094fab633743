#include "llmtool/models/weight_matching.h"

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
#include "llmtool/nn/sinusoidal_positions.h"

namespace llmtool {
namespace {

bool starts_with_any(const std::string& name, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return name.starts_with(prefix); });
}

// Buffers that old versions of the library stored; they hold nothing a config does not say. The last two are GPT-2's
// causal mask and the number put in its place.
bool is_buffer(const std::string& name) {
  constexpr std::array kSuffixes{"position_ids", "embeddings.token_type_ids", ".attn.bias", ".attn.masked_bias"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](const char* suffix) { return name.ends_with(suffix); });
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
  const auto found = stored.find(row.name);
  if (found == stored.end()) {
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
                                std::string_view base_prefix) {
  std::set<std::string> expected;
  for (const WeightRow& row : rows) expected.insert(row.name);
  StoredWeights stored;
  for (const std::string& original : source.names()) {
    const std::string name = canonical_name(original, expected, base_prefix);
    if (!stored.emplace(name, source.find(original)).second)
      throw ModelError(source.files().front().string() + ": two stored tensors mean the weight " + quote(name) +
                       "; one of them is " + quote(original));
  }
  return stored;
}

std::vector<std::string> resolve_ties(StoredWeights& stored, const std::vector<TiedWeight>& ties) {
  std::vector<std::string> copies;
  for (const TiedWeight& tie : ties) {
    const auto copy = stored.find(tie.copy);
    if (copy == stored.end()) continue;
    const auto [original, is_new] = stored.emplace(tie.original, copy->second);
    if (!same_values(*original->second, *copy->second))
      throw ModelError("the weights " + quote(tie.copy) + " and " + quote(tie.original) +
                       " differ, but config.json ties them; set \"tie_word_embeddings\": false there to keep both");
    if (!is_new) copies.push_back(tie.copy);
    stored.erase(copy);
  }
  return copies;
}

LoadReport match_weights(const std::vector<WeightRow>& rows, const StoredWeights& stored, const MatchingRules& rules) {
  LoadReport report;
  std::set<std::string> expected;
  for (const WeightRow& row : rows) {
    expected.insert(row.name);
    match_row(row, stored, rules, report);
  }
  for (const auto& [name, view] : stored) {
    const bool is_row = expected.count(name) > 0;
    if (is_row && !starts_with_any(name, rules.replaced_prefixes)) continue;
    if (is_row || starts_with_any(name, rules.other_head_prefixes)) {
      report.unused.push_back(name);
    } else {
      (is_buffer(name) ? report.ignored : report.unexpected).push_back(name);
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
  if (row.start == WeightStart::kSinusoidal) {
    row.tensor.copy_(sinusoidal_positions(row.tensor.size(0), row.tensor.size(1), at::kCPU));
  } else if (row.name.ends_with("bias")) {
    row.tensor.zero_();
  } else if (!row.is_decayed) {
    row.tensor.fill_(1.0);
  } else {
    draw(row, standard_deviation * row.initial_scale, stable_hash(row.name, seed));
    if (row.zero_row) row.tensor.select(0, *row.zero_row).zero_();
  }
}

}  // namespace llmtool
