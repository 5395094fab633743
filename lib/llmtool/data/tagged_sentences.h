#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/data/tag_scheme.h"
#include "llmtool/formats/table_layout.h"

namespace llmtool {

// How tagged words stand in a file.
//   columns  CoNLL: a line a word, its columns apart by a tab or by spaces, a blank line behind each sentence;
//            -DOCSTART- lines, and comments, which begin with "# " and have other columns than the rest, are no words
//   lists    JSONL with a list of words and a list of tags
//   spans    JSONL with a running text and a list of {start, end, label} or [start, end, label], in code points
enum class TaggedLayout { kColumns, kLists, kSpans };

// Code points [begin, end) of a text.
struct TextRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const TextRange&, const TextRange&) = default;
};

// The words of a running text: runs of characters without white space, in which every punctuation mark and every
// Chinese character is a word of its own, as BERT takes texts apart.
std::vector<TextRange> find_words(std::string_view text);

// The text that given words make with a space between them, and where they stand in it.
struct JoinedWords {
  std::string text;
  std::vector<TextRange> places;
};
JoinedWords join_words(const std::vector<std::string>& words);

struct TaggedSentence {
  std::int64_t line = 0;                  // where it begins in the file, from 1
  std::vector<std::string> words;         // as given; of a running text as find_words() has them
  std::vector<std::string> tags;          // one a word, or none at all where no tags were asked for
  std::optional<std::string> text;        // the running text, if it is one
  std::vector<std::int64_t> lines;        // columns: of the words
  std::vector<std::string> rows;          // columns: the lines as they stand, those without a word included
  std::vector<std::int64_t> word_of_row;  // columns: the word of each of them, -1 for none

  std::int64_t num_words() const { return static_cast<std::int64_t>(words.size()); }
  // The running text, or the words with a space between them.
  std::string joined_text() const { return text ? *text : join_words(words).text; }
  // Line of a word, as far as it is known.
  std::int64_t line_of(std::int64_t word) const { return lines.empty() ? line : lines[static_cast<std::size_t>(word)]; }
};

// Where words and tags are found in a file.
struct TaggedColumns {
  FileFormat format = FileFormat::kAuto;
  // Names of JSONL keys, or numbers of columns from 0, from the last on -1. The names `text` and `label`, which stand
  // for no choice, are: of columns the first and the last; of JSONL, where there are no such keys, `tokens` or `words`,
  // and `tags`, `ner_tags`, `labels` or, beside a running text, `entities` or `spans`.
  std::string words = "text";
  std::string tags = "label";
  bool has_tags = true;
  std::optional<std::int64_t> max_sentences;
  TableLayout layout = {};
};

// Counts of what is not quite as it should be in the sentences read so far.
struct TaggedCounts {
  std::int64_t num_documents = 0;        // -DOCSTART- lines
  std::int64_t num_empty_sentences = 0;  // without words
  std::int64_t num_empty_words = 0;
  std::int64_t num_widened = 0;  // entities of running texts that begin or end within a word, and were given all of it
  std::int64_t num_lost = 0;     // that had no word left for that
};

// Sentences read one after another.
class TaggedReader {
 public:
  virtual ~TaggedReader() = default;
  // False at the end. Throws DataError with file and line: other numbers of columns, tags or words that are none, lists
  // of different lengths, entities outside the text or over one another; ResourceError.
  virtual bool next(TaggedSentence& sentence) = 0;
  virtual TaggedLayout layout() const = 0;

  const TaggedCounts& counts() const { return counts_; }

 protected:
  TaggedCounts counts_;
};

// Throws DataError for a format without tagged words, an empty file or columns that are not there, ResourceError.
std::unique_ptr<TaggedReader> open_tagged(const std::string& path, const TaggedColumns& columns);
// The reader of one format, whatever the columns say: CoNLL columns, or JSONL of both layouts.
std::unique_ptr<TaggedReader> open_tagged_columns(const std::string& path, const TaggedColumns& columns);
std::unique_ptr<TaggedReader> open_tagged_objects(const std::string& path, const TaggedColumns& columns);

// Whether open_tagged() finds words and tags in a file of this format without a choice of columns; `columns` are the
// keys of its first object.
bool has_tagged_layout(FileFormat format, const std::vector<std::string>& columns);

struct TaggedFile {
  std::string path;
  std::string sha256;  // of the file's bytes; "" of what can be read only once
  TaggedLayout layout = TaggedLayout::kColumns;
  std::vector<TaggedSentence> sentences;  // without `rows`
  TaggedCounts counts;
};

// Throws as TaggedReader, and DataError for a file without sentences.
TaggedFile read_tagged(const std::string& path, const TaggedColumns& columns);

// The fate of tags that break their scheme.
enum class IllegalTags { kKeep, kRepair, kError };

template <>
struct EnumNames<IllegalTags> {
  static constexpr std::array kNames{std::pair{IllegalTags::kKeep, std::string_view("keep")},
                                     std::pair{IllegalTags::kRepair, std::string_view("repair")},
                                     std::pair{IllegalTags::kError, std::string_view("error")}};
};

// The findings and deeds of settle_tags().
struct TagReport {
  TagScheme found = TagScheme::kIo;   // of the file
  TagScheme scheme = TagScheme::kIo;  // of the tags now
  std::int64_t num_illegal = 0;       // tags that broke `found`
  std::int64_t num_illegal_sentences = 0;
  std::int64_t first_illegal_line = 0;
  std::int64_t num_repaired_sentences = 0;
};

// Recognises the scheme of a file's tags and counts those that break it. With another `scheme` all are converted,
// without one or with the same they stay, but for those that break it with kRepair: their entities, as find_entities()
// reads them, are written anew. Throws DataError for the first tag that breaks the scheme with kError.
TagReport settle_tags(TaggedFile& file, std::optional<TagScheme> scheme, IllegalTags illegal);

}  // namespace llmtool
