#include "llmtool/inference/embedding_session.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/inference/vector_steps.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

std::string choose_prompt(const EmbeddingOptions& options, const SentenceSettings& settings,
                          const std::filesystem::path& directory) {
  if (options.prompt) return *options.prompt;
  if (!options.prompt_name)
    return settings.default_prompt ? settings.prompt(*settings.default_prompt).value_or("") : "";
  if (const auto prompt = settings.prompt(*options.prompt_name)) return *prompt;
  const std::string known = listed(settings.prompt_names(), quote);
  throw UsageError(directory.string() + " has no prompt " + quote(*options.prompt_name) + "; " +
                   (known.empty() ? "it has none" : "its prompts are " + known) + "; --prompt TEXT gives any other");
}

// Texts with the prompt before them, which their TextInputs point into.
struct PromptedTexts {
  std::vector<std::string> texts;
  std::vector<TextInput> inputs;

  PromptedTexts(const std::string& prompt, std::span<const TextInput> originals) {
    texts.reserve(originals.size());
    for (const TextInput& original : originals) {
      texts.push_back(prompt + std::string(original.text));
      inputs.push_back({texts.back(), original.pair});
    }
  }
};

// A text that is cut to its prompt, or is empty, may leave nothing to pool.
void require_more_than_prompt(const EncodedTexts& encoded, std::int64_t prompt_length) {
  for (std::int64_t index = 0; prompt_length > 0 && index < encoded.dataset.num_features(); ++index)
    if (encoded.num_tokens(index) <= prompt_length)
      throw DataError("text " + std::to_string(index + 1) +
                      ": nothing of it is left beside the prompt, whose tokens this model leaves out of the vector");
}

}  // namespace

EmbeddingSession::EmbeddingSession(std::shared_ptr<Model> model, Tokenizer tokenizer, VectorSteps steps)
    : model_(std::move(model)), tokenizer_(std::move(tokenizer)), steps_(std::move(steps)) {}

EmbeddingSession EmbeddingSession::load(const std::filesystem::path& directory, const SessionOptions& options,
                                        const EmbeddingOptions& embedding_options) {
  require_model_directory(directory);
  SentenceTransformer folder = read_sentence_transformer(directory);
  std::string prompt = choose_prompt(embedding_options, folder.settings, directory);
  if (embedding_options.pooling) folder.steps.set_pooling(*embedding_options.pooling);
  if (embedding_options.normalize == false) folder.steps.leave_last_normalization_out();

  Tokenizer tokenizer = Tokenizer::load(folder.transformer);
  if (folder.reading.lowercase) tokenizer = tokenizer.with_lowercase();
  std::shared_ptr<Model> model = load_model(folder.transformer, {}).model;
  const ModelDimensions dimensions = model->dimensions();
  TruncationChoice truncation =
      choose_truncation(folder.transformer, tokenizer, dimensions, options.max_length, folder.reading.max_length);

  EmbeddingSession session(std::move(model), std::move(tokenizer), std::move(folder.steps));
  set_up_for_inference(*session.model_, options);
  session.steps_.to(options.device);
  session.device_ = options.device;
  session.tokenizer_options_ = truncation.options;
  session.limits_ = embedding_limits(session.tokenizer_, folder.transformer, dimensions, session.model_->config());
  session.max_length_source_ = std::move(truncation.source);
  session.scoring_ = options.scoring;
  const std::int64_t width = session.steps_.width(dimensions.hidden_size);
  session.width_ = std::min(width, folder.settings.truncate_dim.value_or(width));
  const bool are_normalized = session.steps_.ends_with_normalization() && session.width_ == width;
  session.normalizes_at_end_ = embedding_options.normalize.value_or(false) && !are_normalized;
  session.warnings_ = std::move(folder.warnings);
  session.set_prompt(std::move(prompt));
  return session;
}

std::vector<std::string> EmbeddingSession::warnings() const {
  std::vector<std::string> warnings = warnings_;
  for (std::string& warning : limits_.warnings(tokenizer_)) warnings.push_back(std::move(warning));
  return warnings;
}

void EmbeddingSession::set_prompt(std::string prompt) {
  prompt_ = std::move(prompt);
  if (prompt_.empty() || !steps_.leaves_prompt_out()) return;
  // As the library counts them: with the special tokens before it, without one behind it.
  const Encoding encoding = tokenizer_.encode(prompt_, EncodeOptions::from(tokenizer_options_));
  const bool ends_special = !encoding.ids.empty() && tokenizer_.is_special(encoding.ids.back());
  prompt_length_ = static_cast<std::int64_t>(encoding.ids.size()) - (ends_special ? 1 : 0);
}

at::Tensor EmbeddingSession::vectors_of(const ModelInput& input) const {
  const at::Tensor vectors =
      steps_.apply(model_->forward(input).last_hidden_state, input.layout, prompt_length_).narrow(1, 0, width_);
  return normalizes_at_end_ ? normalize_rows(vectors) : vectors;
}

std::vector<TextEmbedding> EmbeddingSession::embed(std::span<const TextInput> texts) const {
  if (texts.empty()) return {};
  const EncodedTexts encoded =
      prompt_.empty() ? encode_texts(tokenizer_, tokenizer_options_, texts, limits_)
                      : encode_texts(tokenizer_, tokenizer_options_, PromptedTexts(prompt_, texts).inputs, limits_);
  require_more_than_prompt(encoded, prompt_length_);
  const ScoreTable vectors = score_dataset(encoded.dataset, width_, scoring_, device_,
                                           [&](const ModelInput& input) { return vectors_of(input); });
  std::vector<TextEmbedding> embeddings;
  embeddings.reserve(texts.size());
  for (std::int64_t index = 0; index < vectors.num_examples(); ++index) {
    const std::span<const float> row = vectors.row(index);
    require_finite_vector(row);
    embeddings.push_back({std::vector<float>(row.begin(), row.end()), encoded.num_tokens(index),
                          encoded.truncated[static_cast<std::size_t>(index)]});
  }
  return embeddings;
}

}  // namespace llmtool
