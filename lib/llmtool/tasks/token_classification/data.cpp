#include "llmtool/tasks/token_classification/data.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/split.h"

namespace llmtool {
namespace {

// More labels than this are not listed one by one.
constexpr std::int64_t kMostTagsLogged = 12;

// A record a word, whose number is that of the word.
RecordFile words_as_records(const TaggedFile& file) {
  RecordFile records;
  records.path = file.path;
  std::int64_t number = 0;
  for (const TaggedSentence& sentence : file.sentences)
    for (std::int64_t word = 0; word < sentence.num_words(); ++word) {
      Record record;
      record.row = number++;
      record.line = sentence.line_of(word);
      record.labels = {sentence.tags[static_cast<std::size_t>(word)]};
      records.records.push_back(std::move(record));
    }
  return records;
}

bool is_number_below(const std::string& tag, std::int64_t limit) {
  const auto number = whole_number(tag);
  return number && *number >= 0 && *number < limit;
}

bool are_all_ids(const TaggedFile& file, const LabelSet& labels) {
  if (labels.size() == 0 || !LabelNames(labels).can_be_ids()) return false;
  return std::ranges::all_of(file.sentences, [&](const TaggedSentence& sentence) {
    return std::ranges::all_of(sentence.tags,
                               [&](const std::string& tag) { return is_number_below(tag, labels.size()); });
  });
}

// A file whose tags are names, in the scheme that is learned.
struct SettledFile {
  TaggedFile file;
  TagReport tags;
};

// Moves a share of the sentences out of a file. What was counted while it was read is told of the rest.
SettledFile take_share(SettledFile& rest, double share, std::uint64_t seed) {
  const auto shell = [&] { return TaggedFile{rest.file.path, rest.file.sha256, rest.file.layout, {}, {}}; };
  SettledFile taken{shell(), {.found = rest.tags.found, .scheme = rest.tags.scheme}};
  std::vector<TaggedSentence> left;
  for (TaggedSentence& sentence : rest.file.sentences) {
    const bool is_taken = is_validation_text(sentence.joined_text(), share, seed);
    (is_taken ? taken.file.sentences : left).push_back(std::move(sentence));
  }
  rest.file.sentences = std::move(left);
  constexpr const char* kKept = "equal sentences";
  if (taken.file.sentences.empty()) throw_empty_part(rest.file.path, share, "validation", "sentence", kKept);
  if (rest.file.sentences.empty()) throw_empty_part(rest.file.path, share, "training", "sentence", kKept);
  return taken;
}

TaggedColumns columns_of(const RunConfig& config) {
  const DataOptions& data = config.data;
  return {data.format, data.text.front(), data.label.front(), true, data.max_rows, data.layout};
}

// `known`: the labels that whole numbers are ids of. The scheme of the training file is that of all.
DataParts<SettledFile> read_files(const RunConfig& config, const LabelSet& known) {
  const TokenClassificationDataOptions& options = config.data.task.token_classification;
  const auto read = [&](const std::string& path, std::optional<TagScheme> scheme) {
    SettledFile settled{read_tagged(path, columns_of(config)), {}};
    settled.tags = settle_named_tags(settled.file, known, scheme, options.illegal_tags);
    return settled;
  };
  DataParts<SettledFile> parts{read(config.data.train.front(), options.tag_scheme), {}, {}};
  const TagScheme scheme = parts.training.tags.scheme;
  if (const auto& validation = config.data.validation; validation && validation->share)
    parts.validation = take_share(parts.training, *validation->share, static_cast<std::uint64_t>(config.seed));
  else if (validation)
    parts.validation = read(validation->file, scheme);
  if (config.data.test) parts.test = read(*config.data.test, scheme);
  return parts;
}

struct ExampleMaker {
  const RunConfig& config;
  const LabelSet& labels;
  const RunTokenizer& tokenizer;
  std::int64_t num_threads;
  EventSink& events;

  TaggedExamples operator()(SettledFile settled, const std::string& name) const {
    TaggedExamples examples;
    examples.name = name;
    examples.path = settled.file.path;
    examples.sha256 = settled.file.sha256;
    examples.labels = labels;
    examples.max_length = *config.tokenizer.max_length;
    examples.sentences = label_sentences(std::move(settled.file), settled.tags, labels, config.data.unknown_label);
    examples.encoded = encode_sentences(examples.sentences.file.sentences, examples.path, tokenizer.tokenizer,
                                        config.tokenizer, num_threads, "tokenizing " + name, events, tokenizer.limits);
    std::vector<std::int64_t> continued;
    if (config.data.task.token_classification.label_all_pieces) continued = labels_of_continuation(labels.names());
    examples.targets = piece_labels(examples.encoded, examples.sentences.word_labels, continued);
    find_labelled(examples);
    return examples;
  }

  static void find_labelled(TaggedExamples& examples) {
    for (std::int64_t feature = 0; feature < examples.targets.size(); ++feature) {
      const std::span<const std::int64_t> row = examples.targets.row(feature);
      const auto num_ignored = std::ranges::count(row, kIgnored);
      examples.num_labelled += static_cast<std::int64_t>(row.size()) - num_ignored;
      if (num_ignored < static_cast<std::ptrdiff_t>(row.size())) examples.features.push_back(feature);
    }
    if (examples.features.empty())
      throw DataError(examples.path + ": the tokenizer makes no token of any of the " + examples.name +
                      " data's words, so there is nothing to label");
  }
};

// Training needs nothing of a sentence but its windows and their labels.
void forget_words(TaggedExamples& training) {
  for (TaggedSentence& sentence : training.sentences.file.sentences) {
    const std::int64_t line = sentence.line;
    sentence = {};
    sentence.line = line;
  }
  training.sentences.word_labels = {};
  training.encoded.pieces = {};
  training.encoded.first_pieces = {};
}

void warn_of_odd_words(const TaggedExamples& examples, EventSink& events) {
  const auto warn = [&](std::int64_t count, const std::string& what) {
    if (count > 0) events.warning(examples.name + " data: " + std::to_string(count) + " " + what);
  };
  const TaggedCounts& counts = examples.sentences.file.counts;
  warn(counts.num_empty_words, "words are empty");
  warn(examples.encoded.num_words_without_piece,
       "words have no token of their own; they are not trained, and count as O when the model is judged");
  warn(counts.num_widened, "entities begin or end within a word and were given all of it");
  warn(counts.num_lost, "entities are parts of a word that another has, and were left out");
  warn(examples.sentences.num_skipped, "sentences with unknown tags were left out");
}

void warn_of_illegal_tags(const TaggedExamples& examples, EventSink& events) {
  const TagReport& tags = examples.sentences.tags;
  if (tags.num_illegal == 0) return;
  const bool are_written_anew = tags.num_repaired_sentences > 0 || tags.scheme != tags.found;
  events.warning(examples.name + " data: " + std::to_string(tags.num_illegal) + " tags in " +
                 std::to_string(tags.num_illegal_sentences) + " sentences break the scheme " +
                 std::string(enum_name(tags.found)) + ", first in line " + std::to_string(tags.first_illegal_line) +
                 "; they were " +
                 (are_written_anew ? "repaired" : "kept (data.illegal_tags: repair writes them anew)"));
}

std::string tag_counts(const TaggedExamples& examples) {
  std::string text;
  for (std::int64_t id = 0; id < examples.labels.size() && id < kMostTagsLogged; ++id)
    text += (id == 0 ? "" : ", ") + examples.labels.name(id) + " " +
            std::to_string(examples.sentences.num_of_label[static_cast<std::size_t>(id)]);
  if (examples.labels.size() > kMostTagsLogged) text += ", … (" + std::to_string(examples.labels.size()) + " tags)";
  return text;
}

Json log_fields(const TaggedExamples& examples) {
  Json counts = Json::object();
  for (std::int64_t id = 0; id < examples.labels.size(); ++id)
    counts[examples.labels.name(id)] = examples.sentences.num_of_label[static_cast<std::size_t>(id)];
  const LabelledSentences& sentences = examples.sentences;
  return {{"split", examples.name},
          {"file", examples.path},
          {"num_sentences", examples.num_units()},
          {"num_examples", examples.size()},
          {"num_tokens", examples.encoded.num_tokens},
          {"num_labelled_tokens", examples.num_labelled},
          {"num_windowed", examples.encoded.num_windowed},
          {"num_words_without_token", examples.encoded.num_words_without_piece},
          {"num_empty_words", sentences.file.counts.num_empty_words},
          {"num_illegal_tags", sentences.tags.num_illegal},
          {"num_skipped", sentences.num_skipped},
          {"scheme_found", enum_name(sentences.tags.found)},
          {"scheme", enum_name(sentences.tags.scheme)},
          {"labels", counts}};
}

}  // namespace

TagReport settle_named_tags(TaggedFile& file, const LabelSet& labels, std::optional<TagScheme> scheme,
                            IllegalTags illegal) {
  if (are_all_ids(file, labels))
    for (TaggedSentence& sentence : file.sentences)
      for (std::string& tag : sentence.tags) tag = labels.name(*whole_number(tag));
  return settle_tags(file, scheme, illegal);
}

LabelledSentences label_sentences(TaggedFile file, const TagReport& tags, const LabelSet& labels,
                                  UnknownLabel unknown_label) {
  const LabelledRecords words = assign_labels(words_as_records(file), labels, unknown_label);
  LabelledSentences result;
  result.tags = tags;
  result.num_of_label.resize(static_cast<std::size_t>(labels.size()));
  std::size_t known = 0;
  std::int64_t number = 0;
  std::vector<TaggedSentence> kept;
  for (TaggedSentence& sentence : file.sentences) {
    std::vector<std::int64_t> ids;
    for (const std::int64_t end = number + sentence.num_words(); number < end; ++number)
      if (known < words.records.size() && words.records[known].row == number) ids.push_back(words.label_ids[known++]);
    if (static_cast<std::int64_t>(ids.size()) < sentence.num_words()) {
      ++result.num_skipped;
      continue;
    }
    for (std::size_t word = 0; word < ids.size(); ++word) {
      ++result.num_of_label[static_cast<std::size_t>(ids[word])];
      sentence.tags[word] = labels.name(ids[word]);
    }
    result.word_labels.append(ids);
    kept.push_back(std::move(sentence));
  }
  if (kept.empty()) throw DataError(file.path + ": every sentence has a tag that is not known");
  file.sentences = std::move(kept);
  result.file = std::move(file);
  return result;
}

std::span<const std::int32_t> TaggedExamples::row(std::int64_t example) const {
  return encoded.dataset.column<std::int32_t>(kInputIds).row(features[static_cast<std::size_t>(example)]);
}

std::int64_t TaggedExamples::num_tokens(std::int64_t example, std::int64_t /*epoch*/) const {
  return static_cast<std::int64_t>(row(example).size());
}

std::string TaggedExamples::describe(std::int64_t example) const {
  const std::int64_t sentence = encoded.dataset.example_id(features[static_cast<std::size_t>(example)]);
  return path + ":" + std::to_string(sentences.file.sentences[static_cast<std::size_t>(sentence)].line);
}

std::vector<std::vector<std::int32_t>> TaggedExamples::token_ids(std::int64_t example) const {
  const std::span<const std::int32_t> ids = row(example);
  return {{ids.begin(), ids.end()}};
}

void TaggedExamples::log(EventSink& events) const {
  const TagReport& tags = sentences.tags;
  const std::string scheme = std::string(enum_name(tags.found)) +
                             (tags.scheme == tags.found ? "" : ", converted to " + std::string(enum_name(tags.scheme)));
  events.info(name + " data: " + std::to_string(num_units()) + " sentences of " + path + ", " +
                  std::to_string(encoded.num_tokens) + " tokens; tags (" + scheme + "): " + tag_counts(*this),
              log_fields(*this));
  if (encoded.num_windowed > 0)
    events.info(name + " data: " + std::to_string(encoded.num_windowed) + " sentences are longer than " +
                std::to_string(max_length) + " tokens and are read in windows that overlap");
  warn_of_illegal_tags(*this, events);
  warn_of_odd_words(*this, events);
}

TokenClassificationData read_token_classification_data(const RunConfig& config, const LabelSet& head,
                                                       const RunTokenizer& tokenizer, std::int64_t num_threads,
                                                       EventSink& events) {
  const LabelSet known = config.data.labels.empty() ? head : LabelSet(config.data.labels);
  DataParts<SettledFile> files = read_files(config, known);
  TokenClassificationData data;
  data.scheme = files.training.tags.scheme;
  data.choice = choose_labels(words_as_records(files.training.file), config.data.labels, head);
  for (const std::string& doubt : describe_doubtful_labels(data.choice.labels, config.data.label.front()))
    events.warning("training data: " + doubt);
  data.parts = map_parts(std::move(files), ExampleMaker{config, data.choice.labels, tokenizer, num_threads, events});
  forget_words(data.parts.training);
  return data;
}

}  // namespace llmtool
