#include "llmtool/commands/embed.h"

#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

class EmbeddingPredictor : public TextPredictor {
 public:
  explicit EmbeddingPredictor(EmbeddingSession session) : session_(std::move(session)) {}

  std::vector<std::string> value_names() const override { return {"embedding"}; }
  std::vector<TextPrediction> predict(std::span<const TextInput> texts) const override {
    std::vector<TextPrediction> predictions;
    for (const TextEmbedding& found : session_.embed(texts))
      predictions.push_back({{Json(found.values)}, found.num_tokens, found.truncated});
    return predictions;
  }
  std::int64_t max_length() const override { return session_.max_length(); }
  std::string max_length_source() const override { return session_.max_length_source(); }
  std::vector<std::string> warnings() const override { return session_.warnings(); }

 private:
  EmbeddingSession session_;
};

// What nobody asked for on the command line is told.
void report_default_prompt(const EmbedRequest& request, const EmbeddingSession& session, EventSink& events) {
  if (session.prompt().empty() || request.embedding.prompt || request.embedding.prompt_name) return;
  events.info("every text begins with the prompt " + quote(session.prompt()) + ", the default of " +
                  request.model.string() + "; --prompt \"\" leaves it out",
              {{"prompt", session.prompt()}});
}

}  // namespace

AnsweredRowsResult embed_file(const EmbedRequest& request, EventSink& events) {
  return answer_rows(
      request, "embedding",
      [&] {
        EmbeddingSession session = EmbeddingSession::load(request.model, request.session, request.embedding);
        report_default_prompt(request, session, events);
        return std::make_unique<EmbeddingPredictor>(std::move(session));
      },
      events);
}

}  // namespace llmtool
