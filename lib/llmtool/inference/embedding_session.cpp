#include "llmtool/inference/embedding_session.h"

#include <utility>

#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/sentence_transformer_files.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
EmbeddingSession::EmbeddingSession(std::shared_ptr<TextEncoder> model, Tokenizer tokenizer)
    : model_(std::move(model)), tokenizer_(std::move(tokenizer)) {}

EmbeddingSession EmbeddingSession::load(const std::filesystem::path& directory, const SessionOptions& options,
                                        const EmbeddingOptions& embedding_options) {
  require_model_directory(directory);
  Tokenizer tokenizer = Tokenizer::load(directory);
  std::shared_ptr<TextEncoder> model = load_text_encoder(directory).model;
  const ModelDimensions dimensions = model->dimensions();
  check_vocabulary_fits(tokenizer.id_bound(), dimensions);
  TruncationChoice truncation = choose_truncation(directory, tokenizer, dimensions, options.max_length);

  EmbeddingSession session(std::move(model), std::move(tokenizer));
  set_up_for_inference(*session.model_, options);
  session.device_ = options.device;
  session.tokenizer_options_ = truncation.options;
  session.max_length_source_ = std::move(truncation.source);
  session.scoring_ = options.scoring;
  session.options_ = embedding_options;
  if (!session.options_.pooling) session.options_.pooling = stored_pooling(directory).value_or(Pooling::kMean);
  session.hidden_size_ = dimensions.hidden_size;
  return session;
}

std::vector<TextEmbedding> EmbeddingSession::embed(std::span<const TextInput> texts) const {
  if (texts.empty()) return {};
  const EncodedTexts encoded = encode_texts(tokenizer_, tokenizer_options_, texts);
  const ScoreTable vectors =
      score_dataset(encoded.dataset, hidden_size_, scoring_, device_, [&](const ModelInput& input) {
        const at::Tensor pooled =
            pool_tokens(model_->forward(input).last_hidden_state, input.layout, *options_.pooling);
        return options_.normalize ? normalize_rows(pooled) : pooled;
      });
  std::vector<TextEmbedding> embeddings;
  embeddings.reserve(texts.size());
  for (std::int64_t index = 0; index < vectors.num_examples(); ++index) {
    const std::span<const float> row = vectors.row(index);
    embeddings.push_back({std::vector<float>(row.begin(), row.end()), encoded.num_tokens(index),
                          encoded.truncated[static_cast<std::size_t>(index)]});
  }
  return embeddings;
}

}  // namespace llmtool
