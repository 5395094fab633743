#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/data/label_assignment.h"
#include "llmtool/data/tagged_sentences.h"
#include "llmtool/tasks/task.h"
#include "llmtool/tasks/token_classification/pieces.h"

namespace llmtool {

// The tags of a file's sentences as labels.
struct LabelledSentences {
  TaggedFile file;  // the sentences that are left; their tags are names of labels
  TagReport tags;
  RaggedColumn<std::int64_t> word_labels;  // [sentences], by word
  std::vector<std::int64_t> num_of_label;  // words, by label id
  std::int64_t num_skipped = 0;            // sentences left out for an unknown tag
};

// Names whole numbers by `labels` where every tag of the file is one and the labels are names (see assign_labels), then
// settles the tags' scheme.
TagReport settle_named_tags(TaggedFile& file, const LabelSet& labels, std::optional<TagScheme> scheme,
                            IllegalTags illegal);

// Throws DataError for all unknown tags at once, or leaves out the sentences that have one.
LabelledSentences label_sentences(TaggedFile file, const TagReport& tags, const LabelSet& labels,
                                  UnknownLabel unknown_label);

// Tagged sentences of one file. An example is a window with a label in it. The words of training sentences are not
// kept.
struct TaggedExamples : Examples {
  std::int64_t size() const override { return static_cast<std::int64_t>(features.size()); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe(std::int64_t example) const override;
  std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const override;
  // Nothing is cut: long sentences have windows.
  std::int64_t num_truncated() const override { return 0; }
  std::int64_t num_units() const override { return static_cast<std::int64_t>(sentences.file.sentences.size()); }
  // Sentences, tags and their scheme, windows, and what is not as it should be.
  void log(EventSink& events) const override;

  std::span<const std::int32_t> row(std::int64_t example) const;

  LabelSet labels;
  LabelledSentences sentences;
  EncodedSentences encoded;
  RaggedColumn<std::int64_t> targets;  // [features of encoded.dataset], by token
  std::vector<std::int64_t> features;  // of the examples
  std::int64_t num_labelled = 0;       // tokens
  std::int64_t max_length = 0;
};

struct TokenClassificationData {
  LabelChoice choice;
  TagScheme scheme = TagScheme::kIo;  // of the labels
  DataParts<TaggedExamples> parts;
};

// `head` are the label names of the model started from. Throws DataError.
TokenClassificationData read_token_classification_data(const RunConfig& config, const LabelSet& head,
                                                       const RunTokenizer& tokenizer, std::int64_t num_threads,
                                                       EventSink& events);

}  // namespace llmtool
