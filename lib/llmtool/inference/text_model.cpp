#include "llmtool/inference/text_model.h"

#include <utility>

#include "llmtool/inference/truncation_choice.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {

TextModel::TextModel(std::shared_ptr<Model> model, Tokenizer tokenizer)
    : model_(std::move(model)), tokenizer_(std::move(tokenizer)) {}

TextModel TextModel::load(const std::filesystem::path& directory, HeadKind head, const SessionOptions& options,
                          std::optional<std::int64_t> usual_length) {
  require_model_directory(directory);
  Tokenizer tokenizer = Tokenizer::load(directory);
  TextModel loaded(load_model(directory, {.head = head}).model, std::move(tokenizer));
  const ModelDimensions dimensions = loaded.model_->dimensions();
  TruncationChoice truncation =
      choose_truncation(directory, loaded.tokenizer_, dimensions, options.max_length, std::nullopt, usual_length);
  set_up_for_inference(*loaded.model_, options);
  loaded.tokenizer_options_ = truncation.options;
  loaded.max_length_source_ = std::move(truncation.source);
  loaded.limits_ = embedding_limits(loaded.tokenizer_, directory, dimensions, loaded.model_->config());
  loaded.scoring_ = options.scoring;
  return loaded;
}

}  // namespace llmtool
