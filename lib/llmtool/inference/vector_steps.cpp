#include "llmtool/inference/vector_steps.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/models/config_reader.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {

void require_finite_vector(std::span<const float> vector) {
  if (!std::ranges::all_of(vector, [](float value) { return std::isfinite(value); }))
    throw NonFiniteError("the model returned a vector with NaN or infinity; its weights are probably damaged");
}

namespace {

// The vectors on their way through the steps.
struct Vectors {
  const SequenceLayout& layout;
  std::int64_t prompt_length;
  at::Tensor of_tokens;
  at::Tensor of_texts;  // undefined before the first pooling

  at::Tensor& of(VectorsOf input) { return input == VectorsOf::kTokens ? of_tokens : of_texts; }

  void take(const PoolingStep& step) {
    std::vector<at::Tensor> pooled;
    if (step.include_prompt || prompt_length == 0) {
      for (const Pooling mode : step.modes) pooled.push_back(pool_tokens(of_tokens, layout, mode));
    } else {
      const PackedTokens rest = without_first_tokens(of_tokens, layout, prompt_length);
      for (const Pooling mode : step.modes) pooled.push_back(pool_tokens(rest.hidden, rest.layout, mode));
    }
    of_texts = pooled.size() == 1 ? pooled.front() : at::cat(pooled, 1);
  }
  void take(const DenseStep& step) { of(step.input) = step.dense->forward(of(step.input)); }
  void take(const NormalizeStep& step) {
    // As in the library, where there is nothing yet nothing happens.
    if (at::Tensor& vectors = of(step.input); vectors.defined()) vectors = normalize_rows(vectors.to(at::kFloat));
  }
};

// The sizes of the same.
struct Widths {
  std::int64_t of_tokens;
  std::int64_t of_texts = 0;  // before the first pooling

  void take(const PoolingStep& step) { of_texts = static_cast<std::int64_t>(step.modes.size()) * of_tokens; }
  void take(const DenseStep& step) {
    std::int64_t& width = step.input == VectorsOf::kTokens ? of_tokens : of_texts;
    const DenseOptions& options = step.dense->options();
    if (width == 0)
      throw ModelError(step.file + ": the module needs vectors of texts, which no Pooling before it makes");
    if (width != options.input_size)
      throw ModelError(step.file + ": 'in_features' is " + std::to_string(options.input_size) +
                       ", but the vectors before it have " + std::to_string(width) + " numbers");
    width = options.output_size;
  }
  void take(const NormalizeStep&) {}
};

template <class Visitor>
void visit_steps(const std::vector<VectorStep>& steps, Visitor& visitor) {
  for (const VectorStep& step : steps) std::visit([&](const auto& one) { visitor.take(one); }, step);
}

}  // namespace

void VectorSteps::set_pooling(Pooling pooling) {
  for (VectorStep& step : steps_)
    if (auto* pooling_step = std::get_if<PoolingStep>(&step)) pooling_step->modes = {pooling};
}

bool VectorSteps::ends_with_normalization() const {
  const auto* last = steps_.empty() ? nullptr : std::get_if<NormalizeStep>(&steps_.back());
  return last != nullptr && last->input == VectorsOf::kTexts;
}

void VectorSteps::leave_last_normalization_out() {
  while (ends_with_normalization()) steps_.pop_back();
}

bool VectorSteps::leaves_prompt_out() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const VectorStep& step) {
    const auto* pooling = std::get_if<PoolingStep>(&step);
    return pooling != nullptr && !pooling->include_prompt;
  });
}

std::int64_t VectorSteps::width(std::int64_t hidden_size) const {
  Widths widths{hidden_size};
  visit_steps(steps_, widths);
  if (widths.of_texts == 0) throw ModelError(std::string(kModuleListFile) + " has no Pooling, so texts get no vector");
  return widths.of_texts;
}

void VectorSteps::to(c10::Device device) {
  for (VectorStep& step : steps_)
    if (auto* dense_step = std::get_if<DenseStep>(&step)) dense_step->dense->to(device);
}

at::Tensor VectorSteps::apply(const at::Tensor& hidden, const SequenceLayout& layout,
                              std::int64_t prompt_length) const {
  Vectors vectors{layout, prompt_length, hidden, {}};
  visit_steps(steps_, vectors);
  return vectors.of_texts;
}

namespace {

namespace fs = std::filesystem;

constexpr const char* kModuleConfig = "config.json";
constexpr const char* kPlainPoolingFolder = "1_Pooling";

// A module's config.json. Keys nobody asks for are refused by finish(): they would be settings we do not know.
class ModuleConfig {
 public:
  ModuleConfig(const fs::path& folder, bool is_optional)
      : file_((folder / kModuleConfig).string()), json_(read(file_, is_optional)), reader_(json_, file_) {}

  const std::string& file() const { return file_; }
  const Json* find(const std::string& key) {
    known_.push_back(key);
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  // find() first, which takes note of the key.
  const ConfigReader& reader(const std::string& key) {
    find(key);
    return reader_;
  }
  void finish() const {
    for (const auto& [key, value] : json_.items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        throw ModelError(file_ + ": the setting " + quote(key) + " is not supported; known are " +
                         listed(known_, [](const std::string& name) { return quote(name); }));
  }

 private:
  static Json read(const std::string& file, bool is_optional) {
    if (path_exists(file)) return read_json_file(file, ExitCode::kModel);
    if (is_optional) return Json::object();
    throw ModelError(file + ": no such file, though " + kModuleListFile + " names the module; copy its folder as well");
  }

  std::string file_;
  Json json_;
  ConfigReader reader_;
  std::vector<std::string> known_;
};

Pooling pooling_from_name(ModuleConfig& config, const Json& name) {
  if (name.is_string())
    if (const auto pooling = enum_from_name<Pooling>(name.get<std::string>())) return *pooling;
  std::vector<std::string> known;
  for (const auto& [pooling, known_name] : EnumNames<Pooling>::kNames) known.emplace_back(known_name);
  throw ModelError(config.file() + ": pooling by " + quote(name.is_string() ? name.get<std::string>() : name.dump()) +
                   " is not supported; supported are " + listed(known));
}

std::vector<Pooling> old_pooling_modes(ModuleConfig& config) {
  std::vector<Pooling> modes;
  for (const PoolingKey& mode : kPoolingKeys)
    if (config.reader(mode.key).boolean(mode.key, false)) modes.push_back(mode.pooling);
  return modes;
}

std::vector<Pooling> pooling_modes(ModuleConfig& config) {
  std::vector<Pooling> modes = old_pooling_modes(config);
  const Json* stored = config.find("pooling_mode");
  if (stored != nullptr) {  // the newer key goes before the older ones
    modes.clear();
    for (const Json& name : stored->is_array() ? *stored : Json::array({*stored}))
      modes.push_back(pooling_from_name(config, name));
  }
  return modes.empty() ? std::vector{Pooling::kMean} : modes;
}

PoolingStep read_pooling(const fs::path& folder) {
  ModuleConfig config(folder, /*is_optional=*/false);
  for (const char* size : {"embedding_dimension", "word_embedding_dimension"}) config.find(size);  // is the model's
  PoolingStep step{pooling_modes(config), config.reader("include_prompt").boolean("include_prompt", true)};
  config.finish();
  return step;
}

VectorsOf read_input(ModuleConfig& config) {
  static const std::map<std::string, VectorsOf> kInputs{{"sentence_embedding", VectorsOf::kTexts},
                                                        {"token_embeddings", VectorsOf::kTokens}};
  const std::string name = config.reader("module_input_name").text("module_input_name", "sentence_embedding");
  const auto found = kInputs.find(name);
  if (found == kInputs.end())
    throw ModelError(config.file() + ": 'module_input_name' is " + quote(name) +
                     "; supported are 'sentence_embedding' and 'token_embeddings'");
  config.reader("module_output_name").require_text("module_output_name", name);
  return found->second;
}

const TorchActivation* read_activation(ModuleConfig& config, VectorsOf input) {
  const std::string path = config.reader("activation_function").text("activation_function", "torch.nn.Tanh");
  const TorchActivation* activation =
      path.starts_with("torch.nn.") ? find_torch_activation(path.substr(path.rfind('.') + 1)) : nullptr;
  if (activation == nullptr)
    throw ModelError(config.file() + ": the activation " + quote(path) +
                     " is not supported; supported are, of torch.nn, " + listed(torch_activation_names()));
  if (!activation->is_element_wise && input == VectorsOf::kTokens)
    throw ModelError(config.file() + ": the activation " + quote(path) +
                     " of tokens depends on the other texts of a batch, and is not supported");
  return activation;
}

DenseStep read_dense(const fs::path& folder) {
  ModuleConfig config(folder, /*is_optional=*/false);
  DenseStep step;
  step.file = config.file();
  step.input = read_input(config);
  DenseOptions options;
  options.input_size = config.reader("in_features").integer("in_features", kSizeRange);
  options.output_size = config.reader("out_features").integer("out_features", kSizeRange);
  options.has_bias = config.reader("bias").boolean("bias", true);
  options.activation = read_activation(config, step.input);
  options.is_residual = config.reader("use_residual").boolean("use_residual", false);
  config.finish();
  step.dense = load_dense(folder, options);
  return step;
}

NormalizeStep read_normalize(const fs::path& folder) {
  ModuleConfig config(folder, /*is_optional=*/true);  // older versions write none
  const NormalizeStep step{read_input(config)};
  config.finish();
  return step;
}

}  // namespace

VectorSteps read_vector_steps(const fs::path& model_directory, const std::vector<ModuleRow>& modules) {
  std::vector<VectorStep> steps;
  for (const ModuleRow& module : modules) {
    const fs::path folder = model_directory / module.folder;
    const std::string type = module.own_type();
    if (type == "Pooling") {
      steps.emplace_back(read_pooling(folder));
    } else if (type == "Dense") {
      steps.emplace_back(read_dense(folder));
    } else if (type == "Normalize") {
      steps.emplace_back(read_normalize(folder));
    } else if (type != "Transformer" && type != "Dropout") {  // dropout acts in training alone
      throw ModelError((model_directory / kModuleListFile).string() + ": the module " + quote(module.type) +
                       " is not supported; supported are Transformer, Pooling, Dense, Normalize and Dropout of "
                       "sentence_transformers");
    }
  }
  return VectorSteps(std::move(steps));
}

VectorSteps default_vector_steps(const fs::path& model_directory) {
  const fs::path folder = model_directory / kPlainPoolingFolder;
  PoolingStep pooling{{Pooling::kMean}};
  if (path_exists(folder / kModuleConfig)) pooling = read_pooling(folder);
  return VectorSteps({pooling, NormalizeStep()});
}

}  // namespace llmtool
