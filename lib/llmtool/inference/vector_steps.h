#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "llmtool/inference/module_list.h"
#include "llmtool/nn/layers.h"
#include "llmtool/nn/pooling.h"
#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// Throws NonFiniteError for a text's vector with NaN or infinity in it.
void require_finite_vector(std::span<const float> vector);

// What a step reads and writes anew: the vectors of all tokens, or those of the texts, which a pooling makes.
enum class VectorsOf { kTokens, kTexts };

struct PoolingStep {
  std::vector<Pooling> modes;  // their vectors stand behind each other
  bool include_prompt = true;  // false: the tokens of a prompt have no part in it
};

struct DenseStep {
  std::shared_ptr<Dense> dense;
  VectorsOf input = VectorsOf::kTexts;
  std::string file;  // its config.json, for messages
};

struct NormalizeStep {
  VectorsOf input = VectorsOf::kTexts;
};

using VectorStep = std::variant<PoolingStep, DenseStep, NormalizeStep>;

// How the hidden states of texts become a vector each: the modules of sentence-transformers behind its Transformer.
class VectorSteps {
 public:
  explicit VectorSteps(std::vector<VectorStep> steps) : steps_(std::move(steps)) {}

  const std::vector<VectorStep>& steps() const { return steps_; }
  // Every pooling by this mode instead.
  void set_pooling(Pooling pooling);
  // What is left of the vectors' lengths when a normalisation ends the list.
  void leave_last_normalization_out();
  bool ends_with_normalization() const;
  bool leaves_prompt_out() const;

  // Numbers of a text's vector, given those of a token's. Throws ModelError when a step gets vectors of another size
  // than it is made for, or texts get none.
  std::int64_t width(std::int64_t hidden_size) const;
  void to(c10::Device device);

  // [tokens, hidden] -> [texts, width]. `prompt_length`: the first tokens of each text that are its prompt.
  at::Tensor apply(const at::Tensor& hidden, const SequenceLayout& layout, std::int64_t prompt_length) const;

 private:
  std::vector<VectorStep> steps_;
};

// The steps of a list of modules. Throws ModelError naming a module or a setting that is not supported.
VectorSteps read_vector_steps(const std::filesystem::path& model_directory, const std::vector<ModuleRow>& modules);

// Those of a folder without a list: pooled as 1_Pooling/config.json says, else the mean, at length 1.
VectorSteps default_vector_steps(const std::filesystem::path& model_directory);

// A mode's key in 1_Pooling/config.json before version 6 of sentence-transformers, which has one for all of them.
struct PoolingKey {
  const char* key;
  Pooling pooling;
  bool is_always_written;  // as the oldest versions did, which refuse the others
};

// In the order in which the vectors of several modes stand behind each other.
inline constexpr std::array kPoolingKeys{
    PoolingKey{"pooling_mode_cls_token", Pooling::kCls, true},
    PoolingKey{"pooling_mode_max_tokens", Pooling::kMax, true},
    PoolingKey{"pooling_mode_mean_tokens", Pooling::kMean, true},
    PoolingKey{"pooling_mode_mean_sqrt_len_tokens", Pooling::kMeanSqrtLength, true},
    PoolingKey{"pooling_mode_weightedmean_tokens", Pooling::kWeightedMean, false},
    PoolingKey{"pooling_mode_lasttoken", Pooling::kLastToken, false}};

}  // namespace llmtool
