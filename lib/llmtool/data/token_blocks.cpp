#include "llmtool/data/token_blocks.h"

#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {

Windows make_windows(std::int64_t total, const SequenceFrame& frame, std::optional<std::int64_t> stride) {
  const std::int64_t size = frame.content_length();
  if (size < 1)
    throw ConfigError("tokenizer.max_length " + std::to_string(frame.length) +
                      " leaves no room for text beside the special tokens");
  if (stride && *stride > size)
    throw ConfigError("data.stride " + std::to_string(*stride) + " would leave tokens out: a sequence holds " +
                      std::to_string(size) + " tokens of text");
  return {total, size, stride.value_or(size)};
}

TokenBlocks::TokenBlocks(std::shared_ptr<const Corpus> corpus, std::vector<std::int64_t> documents,
                         const SequenceFrame& frame, std::optional<std::int64_t> stride)
    : corpus_(std::move(corpus)), documents_(std::move(documents)), frame_(frame) {
  const std::int64_t num_separators = frame.end_of_text ? 1 : 0;
  std::int64_t total = 0;
  ends_.reserve(documents_.size());
  for (const std::int64_t document : documents_) {
    total += corpus_->num_tokens(document) + num_separators;
    ends_.push_back(total);
  }
  windows_ = make_windows(total, frame, stride);
}

std::int64_t TokenBlocks::num_tokens(std::int64_t index, std::int64_t /*epoch*/) const {
  return windows_.end(index) - windows_.begin(index) + frame_.num_special();
}

void TokenBlocks::fill(std::int64_t index, std::int64_t /*epoch*/, TokenSequence& sequence) const {
  sequence = {};
  if (frame_.prefix) sequence.ids.push_back(*frame_.prefix);
  const std::int64_t end = windows_.end(index);
  std::int64_t token = windows_.begin(index);
  for (std::size_t i = find_document(token); token < end; ++i) {
    const std::int64_t begin = i == 0 ? 0 : ends_[i - 1];
    const auto text = corpus_->tokens(documents_[i]);
    const auto first = std::min(static_cast<std::size_t>(token - begin), text.size());
    const auto last = std::min(static_cast<std::size_t>(end - begin), text.size());
    sequence.ids.insert(sequence.ids.end(), text.begin() + static_cast<std::ptrdiff_t>(first),
                        text.begin() + static_cast<std::ptrdiff_t>(last));
    if (frame_.end_of_text && ends_[i] <= end) sequence.ids.push_back(*frame_.end_of_text);
    token = ends_[i];
  }
  if (frame_.suffix) sequence.ids.push_back(*frame_.suffix);
  const std::int64_t num_shared = windows_.num_shared(index);
  if (num_shared > 0) sequence.first_scored = num_shared + (frame_.prefix ? 1 : 0);
}

std::string TokenBlocks::describe(std::int64_t index) const {
  return corpus_->describe(documents_[find_document(windows_.begin(index))]);
}

std::size_t TokenBlocks::find_document(std::int64_t token) const {
  return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), token) - ends_.begin());
}

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
