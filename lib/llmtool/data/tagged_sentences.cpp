#include "llmtool/data/tagged_sentences.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

std::vector<TextRange> find_words(std::string_view text) {
  std::vector<TextRange> words;
  bool goes_on = false;
  std::int64_t place = 0;
  for (std::size_t at = 0; at < text.size(); ++place) {
    const char32_t character = decode_utf8(text, at);
    const CharacterProperties properties = character_properties(character);
    if (properties.is(CharacterProperties::kWhitespace)) {
      goes_on = false;
      continue;
    }
    const bool is_alone = properties.is(CharacterProperties::kPunctuation) || is_chinese_character(character);
    if (goes_on && !is_alone)
      words.back().end = place + 1;
    else if (is_alone || !properties.is(CharacterProperties::kRemoved))
      words.push_back({place, place + 1});
    else
      continue;  // an invisible character in front of a word
    goes_on = !is_alone;
  }
  return words;
}

JoinedWords join_words(const std::vector<std::string>& words) {
  JoinedWords joined;
  std::int64_t place = 0;
  for (const std::string& word : words) {
    if (!joined.places.empty()) {
      joined.text += ' ';
      ++place;
    }
    const auto length = static_cast<std::int64_t>(count_code_points(word));
    joined.places.push_back({place, place + length});
    joined.text += word;
    place += length;
  }
  return joined;
}

std::unique_ptr<TaggedReader> open_tagged(const std::string& path, const TaggedColumns& columns) {
  const FileFormat format = resolve_file_format(path, columns.format);
  if (format == FileFormat::kConll) return open_tagged_columns(path, columns);
  if (format == FileFormat::kJsonl) return open_tagged_objects(path, columns);
  throw DataError(path + ": the format " + std::string(enum_name(format)) +
                  " has no tagged words; use CoNLL columns or JSONL, and for CoNLL columns in a file of another name "
                  "data.format: conll (--format conll)");
}

TaggedFile read_tagged(const std::string& path, const TaggedColumns& columns) {
  const auto reader = open_tagged(path, columns);
  TaggedFile file;
  file.path = path;
  TaggedSentence sentence;
  while ((!columns.max_sentences || static_cast<std::int64_t>(file.sentences.size()) < *columns.max_sentences) &&
         reader->next(sentence)) {
    sentence.rows.clear();
    sentence.word_of_row.clear();
    file.sentences.push_back(std::move(sentence));
  }
  if (file.sentences.empty()) throw DataError(path + ": there are no sentences");
  file.layout = reader->layout();
  file.counts = reader->counts();
  if (can_be_read_again(path)) file.sha256 = sha256_of_file(path);
  return file;
}

namespace {

TagScheme scheme_of(const TaggedFile& file) {
  SchemeGuess guess;
  for (const TaggedSentence& sentence : file.sentences) guess.add(sentence.tags);
  return guess.scheme();
}

[[noreturn]] void throw_illegal(const TaggedFile& file, const TaggedSentence& sentence, std::int64_t word,
                                TagScheme scheme) {
  const std::string before = word == 0 ? "at the beginning of its sentence"
                                       : "behind " + quote(sentence.tags[static_cast<std::size_t>(word - 1)]);
  throw DataError(SourcePosition{file.path, sentence.line_of(word), 0},
                  "the tag " + quote(sentence.tags[static_cast<std::size_t>(word)]) + " of word " +
                      std::to_string(word + 1) + ", " + before + ", breaks the scheme " +
                      std::string(enum_name(scheme)) +
                      " of the file; correct it, or choose data.illegal_tags: repair or keep");
}

}  // namespace

TagReport settle_tags(TaggedFile& file, std::optional<TagScheme> scheme, IllegalTags illegal) {
  TagReport report;
  report.found = scheme_of(file);
  report.scheme = scheme.value_or(report.found);
  for (TaggedSentence& sentence : file.sentences) {
    const std::vector<std::int64_t> places = illegal_places(sentence.tags, report.found);
    if (!places.empty()) {
      if (illegal == IllegalTags::kError) throw_illegal(file, sentence, places.front(), report.found);
      report.num_illegal += static_cast<std::int64_t>(places.size());
      if (report.num_illegal_sentences++ == 0) report.first_illegal_line = sentence.line_of(places.front());
    }
    const bool repairs = !places.empty() && illegal == IllegalTags::kRepair;
    report.num_repaired_sentences += repairs;
    if (repairs || report.scheme != report.found)
      sentence.tags = write_tags(find_entities(sentence.tags), sentence.num_words(), report.scheme);
  }
  return report;
}

}  // namespace llmtool
