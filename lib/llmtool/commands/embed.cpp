#include "llmtool/commands/embed.h"

#include <utility>

namespace llmtool {
namespace {

class EmbeddingAnswerer : public TextAnswerer {
 public:
  explicit EmbeddingAnswerer(EmbeddingSession session) : session_(std::move(session)) {}

  std::vector<std::string> value_names() const override { return {"embedding"}; }
  std::vector<TextAnswer> answer(std::span<const TextInput> texts) const override {
    std::vector<TextAnswer> answers;
    for (const TextEmbedding& found : session_.embed(texts))
      answers.push_back({{Json(found.values)}, found.num_tokens, found.truncated});
    return answers;
  }
  std::int64_t max_length() const override { return session_.max_length(); }
  std::string max_length_source() const override { return session_.max_length_source(); }

 private:
  EmbeddingSession session_;
};

}  // namespace

AnsweredRowsResult embed_file(const EmbedRequest& request, EventSink& events) {
  return answer_rows(
      request, "embedding",
      [&] {
        return std::make_unique<EmbeddingAnswerer>(
            EmbeddingSession::load(request.model, request.session, request.embedding));
      },
      events);
}

}  // namespace llmtool
