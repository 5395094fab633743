#include "llmtool/commands/predict.h"

#include <utility>

#include "llmtool/commands/eval_predictions.h"
#include "llmtool/inference/classification_session.h"
#include "llmtool/inference/fill_mask_session.h"

namespace llmtool {
namespace {

class LabelAnswerer : public TextAnswerer {
 public:
  explicit LabelAnswerer(ClassificationSession session) : session_(std::move(session)) {}

  std::vector<std::string> value_names() const override { return {"predicted_label", "predicted_score", "scores"}; }
  std::vector<TextAnswer> answer(std::span<const TextInput> texts) const override {
    std::vector<TextAnswer> answers;
    for (const Classification& found : session_.classify(texts))
      answers.push_back(
          {{session_.labels().name(found.label), found.probabilities[static_cast<std::size_t>(found.label)],
            scores_by_name(session_.labels(), found.probabilities)},
           found.num_tokens,
           found.truncated});
    return answers;
  }
  std::int64_t max_length() const override { return *session_.tokenizer_options().max_length; }
  std::string max_length_source() const override { return session_.max_length_source(); }
  std::vector<std::string> warnings() const override { return session_.warnings(); }

 private:
  ClassificationSession session_;
};

Json to_json(const std::vector<Filler>& fillers) {
  Json list = Json::array();
  for (const Filler& filler : fillers)
    list.push_back({{"token", filler.token}, {"id", filler.id}, {"probability", filler.probability}});
  return list;
}

class FillerAnswerer : public TextAnswerer {
 public:
  FillerAnswerer(FillMaskSession session, std::int64_t top_k) : session_(std::move(session)), top_k_(top_k) {}

  std::vector<std::string> value_names() const override { return {"fillers"}; }
  std::vector<TextAnswer> answer(std::span<const TextInput> texts) const override {
    std::vector<TextAnswer> answers;
    for (const FilledMasks& filled : session_.fill(texts, top_k_)) {
      Json masks = Json::array();
      for (const std::vector<Filler>& fillers : filled.masks) masks.push_back(to_json(fillers));
      answers.push_back({{std::move(masks)}, filled.num_tokens, filled.truncated});
    }
    return answers;
  }
  std::int64_t max_length() const override { return session_.max_length(); }
  std::string max_length_source() const override { return session_.max_length_source(); }
  std::vector<std::string> warnings() const override { return session_.warnings(); }

 private:
  FillMaskSession session_;
  std::int64_t top_k_;
};

}  // namespace

AnsweredRowsResult predict_file(const PredictRequest& request, EventSink& events) {
  const auto load = [&]() -> std::unique_ptr<TextAnswerer> {
    if (request.fill_mask)
      return std::make_unique<FillerAnswerer>(FillMaskSession::load(request.model, request.session),
                                              *request.fill_mask);
    return std::make_unique<LabelAnswerer>(ClassificationSession::load(request.model, request.session));
  };
  return answer_rows(request, "predicting", load, events);
}

}  // namespace llmtool
