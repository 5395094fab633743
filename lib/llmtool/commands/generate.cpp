#include "llmtool/commands/generate.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/data/records.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

const char* name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::kEndToken:
      return "end_of_text";
    case FinishReason::kLength:
      return "max_new_tokens";
    case FinishReason::kPositions:
      return "positions";
    case FinishReason::kStopped:
      return "stop_string";
  }
  throw std::logic_error("a stop reason without a name");
}

// A prompt and where it stands, for messages.
struct PlacedPrompt {
  std::string text;
  std::string place;
};

// Collects prompts into batches.
class Generator {
 public:
  Generator(const GenerateRequest& request, const std::function<void(const GeneratedRow&)>& take, const OnText& on_text,
            EventSink& events)
      : request_(request),
        take_(take),
        on_text_(on_text),
        events_(events),
        session_(GenerationSession::load(request.model, request.device)),
        options_(resolve_generation(request.choice, session_.stored())) {
    for (const std::string& warning : session_.warnings()) events.warning(warning);
    const std::string names = listed(session_.stored().unknown);
    if (!names.empty()) events.warning(session_.stored().file + " sets " + names + ", which is not known and not used");
  }

  void add(PlacedPrompt prompt) {
    batch_.push_back(std::move(prompt.text));
    places_.push_back(std::move(prompt.place));
    if (static_cast<std::int64_t>(batch_.size()) == request_.batch_size) finish_batch();
  }

  void finish_batch() {
    if (batch_.empty()) return;
    std::vector<Continuation> continuations = continue_batch();
    for (std::size_t i = 0; i < batch_.size(); ++i) take_({std::move(batch_[i]), std::move(continuations[i])});
    num_done_ += static_cast<std::int64_t>(batch_.size());
    batch_.clear();
    places_.clear();
    events_.progress({.name = "generating", .done = num_done_, .unit = "texts", .detail = {}});
  }

 private:
  std::vector<Continuation> continue_batch() const {
    try {
      return session_.continue_texts(batch_, options_, num_done_, on_text_);
    } catch (const NonFiniteError&) {
      refuse_non_finite_prompt();
      throw;
    }
  }

  // Finds the prompt of the batch that the model has no finite scores for: alone it has none either.
  void refuse_non_finite_prompt() const {
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      try {
        session_.continue_texts({batch_[i]}, options_, num_done_ + static_cast<std::int64_t>(i), {});
      } catch (const NonFiniteError& error) {
        throw NonFiniteError(places_[i] + ": " + error.what());
      }
    }
  }

  const GenerateRequest& request_;
  const std::function<void(const GeneratedRow&)>& take_;
  const OnText& on_text_;
  EventSink& events_;
  GenerationSession session_;
  ContinuationOptions options_;
  std::vector<std::string> batch_;
  std::vector<std::string> places_;
  std::int64_t num_done_ = 0;
};

void add_file(const GenerateRequest& request, Generator& generator) {
  ReadOptions options;
  options.format = request.format;
  options.layout = request.layout;
  const std::unique_ptr<RowReader> rows = open_rows(request.input, options);
  column_index(*rows, request.text_column, "text", "--text-column names another");
  Row row;
  while (rows->next(row)) {
    const auto prompt = row.find(request.text_column);
    if (!prompt)
      throw DataError(SourcePosition{rows->name(), row.line(), 0},
                      "the text " + quote(request.text_column) + " is missing or null; --text-column names another");
    generator.add({std::string(*prompt), SourcePosition{rows->name(), row.line(), 0}.to_string()});
  }
}

}  // namespace

Json GeneratedRow::to_json() const {
  return {{"prompt", prompt},
          {"text", continuation.text},
          {"ids", continuation.ids},
          {"stopped_by", name_of(continuation.reason)}};
}

void generate_texts(const GenerateRequest& request, const std::function<void(const GeneratedRow&)>& take,
                    const OnText& on_text, EventSink& events) {
  Generator generator(request, take, on_text, events);
  for (std::size_t i = 0; i < request.prompts.size(); ++i)
    generator.add({request.prompts[i], "prompt " + std::to_string(i + 1)});
  if (request.prompts.empty()) add_file(request, generator);
  generator.finish_batch();
}

}  // namespace llmtool
