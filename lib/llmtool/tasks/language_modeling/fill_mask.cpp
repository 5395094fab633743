#include "llmtool/tasks/language_modeling/fill_mask.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/batch_order.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/models/language_model_heads.h"

namespace llmtool {
namespace {

// A mask of a batch: which text it belongs to, and its row among the packed tokens.
struct MaskPlace {
  std::int64_t text;
  std::int64_t row;
};

std::vector<MaskPlace> find_masks(const EncodedDataset& dataset, std::span<const std::int64_t> batch,
                                  std::int32_t mask_id) {
  std::vector<MaskPlace> places;
  std::int64_t row = 0;
  for (const std::int64_t text : batch)
    for (const std::int32_t id : dataset.column<std::int32_t>(kInputIds).row(text)) {
      if (id == mask_id) places.push_back({text, row});
      ++row;
    }
  return places;
}

void require_masks(const EncodedTexts& encoded, const std::string& mask_token, std::int32_t mask_id) {
  for (std::int64_t index = 0; index < encoded.dataset.num_features(); ++index) {
    const auto ids = encoded.dataset.column<std::int32_t>(kInputIds).row(index);
    if (std::find(ids.begin(), ids.end(), mask_id) != ids.end()) continue;
    throw DataError(
        "text " + std::to_string(index + 1) + ": there is no " + mask_token + " to fill in" +
        (encoded.truncated[static_cast<std::size_t>(index)] ? " in what was left of it when it was cut" : ""));
  }
}

at::Tensor rows_of(const std::vector<MaskPlace>& places, c10::Device device) {
  std::vector<std::int64_t> rows;
  for (const MaskPlace& place : places) rows.push_back(place.row);
  return at::tensor(rows, at::kLong).to(device);
}

Json to_json(const std::vector<Filler>& fillers) {
  Json list = Json::array();
  for (const Filler& filler : fillers)
    list.push_back({{"token", filler.token}, {"id", filler.id}, {"probability", filler.probability}});
  return list;
}

class FillerPredictor : public TextPredictor {
 public:
  FillerPredictor(FillMaskSession session, std::int64_t top_k) : session_(std::move(session)), top_k_(top_k) {}

  std::vector<std::string> value_names() const override { return {"fillers"}; }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    std::vector<TextPrediction> predictions;
    for (const FilledMasks& filled : session_.fill(texts, top_k_)) {
      Json masks = Json::array();
      for (const std::vector<Filler>& fillers : filled.masks) masks.push_back(to_json(fillers));
      predictions.push_back({{std::move(masks)}, filled.num_tokens, filled.truncated});
    }
    return predictions;
  }
  std::int64_t max_length() const override { return session_.max_length(); }
  std::string max_length_source() const override { return session_.max_length_source(); }
  std::vector<std::string> warnings() const override { return session_.warnings(); }

 private:
  FillMaskSession session_;
  std::int64_t top_k_;
};

}  // namespace

FillMaskSession::FillMaskSession(TextModel loaded)
    : TextModel(std::move(loaded)), mask_token_(tokenizer().token(tokenizer().mask_id().value())) {}

FillMaskSession FillMaskSession::load(const std::filesystem::path& directory, const SessionOptions& options) {
  TextModel loaded = TextModel::load(directory, HeadKind::kMaskedLm, options);
  if (!loaded.tokenizer().mask_id())
    throw ModelError("the tokenizer in " + directory.string() + " has no mask token, so there is nothing to fill in");
  return FillMaskSession(std::move(loaded));
}

std::vector<FilledMasks> FillMaskSession::fill(std::span<const TextInput> texts, std::int64_t top_k) const {
  if (texts.empty()) return {};
  const at::NoGradGuard no_gradients;
  const EncodedTexts encoded = encode_texts(tokenizer(), tokenizer_options(), texts, limits());
  require_masks(encoded, mask_token_, *tokenizer().mask_id());
  std::vector<FilledMasks> results(texts.size());
  std::vector<std::int64_t> all(texts.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const ScoringPlan plan(all, encoded.dataset.lengths(kInputIds), scoring_options().batch_size,
                         scoring_options().max_tokens);
  for (std::int64_t index = 0; index < plan.num_batches(); ++index)
    fill_batch(encoded.dataset, plan.batch(index), top_k, results);
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].num_tokens = encoded.num_tokens(static_cast<std::int64_t>(i));
    results[i].truncated = encoded.truncated[i];
  }
  return results;
}

void FillMaskSession::fill_batch(const EncodedDataset& dataset, std::span<const std::int64_t> batch, std::int64_t top_k,
                                 std::vector<FilledMasks>& results) const {
  const std::vector<MaskPlace> places = find_masks(dataset, batch, *tokenizer().mask_id());
  const at::Tensor hidden = model()->forward(make_model_input(dataset, batch, device_of(*model()))).last_hidden_state;
  const at::Tensor logits =
      model()->head<LanguageModelHead>().logits(hidden.index_select(0, rows_of(places, device_of(*model()))));
  const auto [probabilities, ids] =
      at::softmax(logits, 1).topk(std::min(top_k, logits.size(1)), 1, /*largest=*/true, /*sorted=*/true);
  const at::Tensor best = probabilities.to(at::kCPU, at::kDouble).contiguous();
  const at::Tensor best_ids = ids.to(at::kCPU).contiguous();
  const double* probability = best.const_data_ptr<double>();
  const std::int64_t* id = best_ids.const_data_ptr<std::int64_t>();
  for (const MaskPlace& place : places) {
    std::vector<Filler> fillers;
    for (std::int64_t rank = 0; rank < best.size(1); ++rank) {
      if (!std::isfinite(*probability))
        throw NonFiniteError("the model returned NaN or infinity for a mask; its weights are probably damaged");
      fillers.push_back(filler(static_cast<std::int32_t>(*id++), *probability++));
    }
    results[static_cast<std::size_t>(place.text)].masks.push_back(std::move(fillers));
  }
}

Filler FillMaskSession::filler(std::int32_t id, double probability) const {
  // A model may have more rows than its tokenizer has tokens.
  return {id, tokenizer().contains(id) ? std::string(tokenizer().token(id)) : "", probability};
}

std::unique_ptr<TextPredictor> make_filler_predictor(const PredictorOptions& options) {
  return std::make_unique<FillerPredictor>(FillMaskSession::load(options.model, options.session),
                                           options.fill_mask.value());
}

}  // namespace llmtool
