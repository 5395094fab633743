#include "llmtool/data/document_sequences.h"

#include <utility>

#include "llmtool/data/token_blocks.h"

namespace llmtool {

DocumentSequences::DocumentSequences(std::shared_ptr<const Corpus> corpus, const std::vector<std::int64_t>& documents,
                                     const SequenceFrame& frame, std::optional<std::int64_t> stride)
    : corpus_(std::move(corpus)), frame_(frame) {
  for (const std::int64_t document : documents) add_document(document, stride);
}

// A document ends with end of text, where there is one, so that a model learns to stop.
void DocumentSequences::add_document(std::int64_t document, std::optional<std::int64_t> stride) {
  const auto num_text = corpus_->num_tokens(document);
  if (num_text == 0) return;
  const Windows windows = make_windows(num_text + (frame_.end_of_text ? 1 : 0), frame_, stride);
  if (!stride) {
    num_truncated_ += windows.count() > 1;
    parts_.push_back({document, 0, windows.end(0), 0});
    return;
  }
  for (std::int64_t i = 0; i < windows.count(); ++i)
    parts_.push_back({document, windows.begin(i), windows.end(i), windows.num_shared(i)});
}

std::int64_t DocumentSequences::num_tokens(std::int64_t index, std::int64_t /*epoch*/) const {
  return part(index).end - part(index).begin + frame_.num_special();
}

void DocumentSequences::fill(std::int64_t index, std::int64_t /*epoch*/, TokenSequence& sequence) const {
  const Part& from = part(index);
  const auto text = corpus_->tokens(from.document);
  const auto num_text = static_cast<std::int64_t>(text.size());
  sequence = {};
  if (frame_.prefix) sequence.ids.push_back(*frame_.prefix);
  for (std::int64_t i = from.begin; i < from.end; ++i)
    sequence.ids.push_back(i < num_text ? text[static_cast<std::size_t>(i)] : *frame_.end_of_text);
  if (frame_.suffix) sequence.ids.push_back(*frame_.suffix);
  if (from.num_shared > 0) sequence.first_scored = from.num_shared + (frame_.prefix ? 1 : 0);
}

std::string DocumentSequences::describe(std::int64_t index) const { return corpus_->describe(part(index).document); }

}  // namespace llmtool
