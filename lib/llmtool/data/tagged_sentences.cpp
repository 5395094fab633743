#include "llmtool/data/tagged_sentences.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/core/listed.h"
#include "llmtool/core/utf8.h"
#include "llmtool/data/records.h"
#include "llmtool/formats/row_reader.h"
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

namespace {

constexpr const char* kDefaultWords = "text";
constexpr const char* kDefaultTags = "label";
constexpr std::string_view kDocumentStart = "-DOCSTART-";

std::vector<std::string_view> split_at_tabs(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

std::vector<std::string_view> split_at_spaces(std::string_view line) {
  constexpr std::string_view kSpaces = " \t\r\v\f";
  std::vector<std::string_view> fields;
  for (std::size_t begin = line.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpaces, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpaces, end);
  }
  return fields;
}

std::string num_columns(std::size_t count) { return std::to_string(count) + (count == 1 ? " column" : " columns"); }

// "3-4" and "5.1" number what CoNLL-U writes beside the words: several of them together, and one that is left out.
bool is_no_word_of_conllu(const std::vector<std::string_view>& fields) {
  constexpr std::size_t kColumnsOfConllu = 10;
  const std::string_view id = fields[0];
  return fields.size() == kColumnsOfConllu && !id.empty() && id[0] >= '0' && id[0] <= '9' &&
         id.find_first_of("-.") != std::string_view::npos &&
         id.find_first_not_of("0123456789-.") == std::string_view::npos;
}

class ColumnReader : public TaggedReader {
 public:
  ColumnReader(const std::string& path, const TaggedColumns& columns)
      : lines_(open_rows(path, {.format = FileFormat::kText, .on_bad_row = {}, .layout = columns.layout})),
        has_tags_(columns.has_tags),
        words_(column_number(columns.words, kDefaultWords, 0, "text")),
        tags_(column_number(columns.tags, kDefaultTags, -1, "label")) {}

  TaggedLayout layout() const override { return TaggedLayout::kColumns; }

  bool next(TaggedSentence& sentence) override {
    sentence = {};
    if (end_of_sentence_) add_row(*std::exchange(end_of_sentence_, std::nullopt), sentence);
    Row row;
    while (lines_->next(row)) {
      const std::string_view line = row.cell(0);
      if (!is_blank(line)) {
        take_line(line, row.line(), sentence);
      } else if (sentence.words.empty()) {
        add_row(line, sentence);
      } else {
        end_of_sentence_ = line;
        return true;
      }
    }
    return !sentence.words.empty() || (!has_tags_ && !sentence.rows.empty());
  }

 private:
  std::int64_t column_number(const std::string& column, const char* no_choice, std::int64_t otherwise,
                             const char* role) const {
    if (column == no_choice) return otherwise;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(column.data(), column.data() + column.size(), number);
    if (error != std::errc() || end != column.data() + column.size())
      throw DataError(lines_->name() + ": CoNLL columns have no names, so " + quote(column) +
                      " is none of them; give its number under data." + role + " or with --" + role +
                      "-column, from 0, or from the last on -1");
    return number;
  }

  [[noreturn]] void fail(std::int64_t line, const std::string& message) const {
    throw DataError(SourcePosition{lines_->name(), line, 0}, message);
  }

  // The first line with a word tells what stands between columns, and how many there are.
  bool is_comment(std::string_view line, const std::vector<std::string_view>& fields) const {
    if (line[0] != '#' || (line.size() > 1 && line[1] != ' ' && line[1] != '#')) return false;
    if (num_fields_ > 0) return fields.size() != num_fields_;
    return line.find('\t') == std::string_view::npos && fields.size() != 2;
  }

  std::vector<std::string_view> split(std::string_view line) const {
    const bool has_tabs = num_fields_ == 0 ? line.find('\t') != std::string_view::npos : has_tabs_;
    return has_tabs ? split_at_tabs(line) : split_at_spaces(line);
  }

  static void add_row(std::string_view line, TaggedSentence& sentence) {
    sentence.rows.emplace_back(line);
    sentence.word_of_row.push_back(-1);
  }

  void take_line(std::string_view line, std::int64_t number, TaggedSentence& sentence) {
    const std::vector<std::string_view> fields = split(line);
    add_row(line, sentence);
    if (is_comment(line, fields) || is_no_word_of_conllu(fields)) return;
    if (fields[0] == kDocumentStart) {
      ++counts_.num_documents;
      return;
    }
    if (num_fields_ == 0) {
      num_fields_ = fields.size();
      has_tabs_ = line.find('\t') != std::string_view::npos;
    }
    if (fields.size() != num_fields_)
      fail(number, "the line has " + num_columns(fields.size()) + ", and the first with a word has " +
                       std::to_string(num_fields_) + ", with " + (has_tabs_ ? "a tab" : "spaces") + " between them");
    take_word(fields, number, sentence);
  }

  std::string_view field(const std::vector<std::string_view>& fields, std::int64_t column, const char* role,
                         std::int64_t line) const {
    const auto count = static_cast<std::int64_t>(fields.size());
    const std::int64_t index = column < 0 ? count + column : column;
    if (index < 0 || index >= count)
      fail(line, "there is no column " + std::to_string(column) + " for the " + role + "; the line has " +
                     num_columns(fields.size()) + ", numbered from 0; data." + role + " or --" + role +
                     "-column gives another");
    return fields[static_cast<std::size_t>(index)];
  }

  void take_word(const std::vector<std::string_view>& fields, std::int64_t line, TaggedSentence& sentence) {
    const std::string_view word = field(fields, words_, "text", line);
    if (has_tags_) {
      if (fields.size() == 1)
        fail(line, "there is a word and no tag; CoNLL columns have both in a line, with a tab or spaces between them");
      const std::string_view tag = field(fields, tags_, "label", line);
      if (is_blank(tag)) fail(line, "the tag is empty");
      sentence.tags.emplace_back(tag);
    }
    if (sentence.words.empty()) sentence.line = line;
    sentence.word_of_row.back() = sentence.num_words();
    sentence.words.emplace_back(word);
    sentence.lines.push_back(line);
    counts_.num_empty_words += is_blank(word);
  }

  std::unique_ptr<RowReader> lines_;
  bool has_tags_;
  std::int64_t words_;
  std::int64_t tags_;
  std::size_t num_fields_ = 0;
  bool has_tabs_ = false;
  std::optional<std::string> end_of_sentence_;  // a blank line, which comes before the rows of the next
};

struct TextSpan {
  TextRange range;
  std::string label;
};

class ObjectReader : public TaggedReader {
 public:
  ObjectReader(const std::string& path, const TaggedColumns& columns)
      : rows_(open_rows(path, {.format = FileFormat::kJsonl, .on_bad_row = {}, .layout = columns.layout})),
        columns_(columns) {
    words_ = find_column(columns.words, kDefaultWords, {"tokens", "words"}, "text");
  }

  TaggedLayout layout() const override { return layout_; }

  bool next(TaggedSentence& sentence) override {
    Row row;
    if (!rows_->next(row)) return false;
    sentence = {};
    sentence.line = row.line();
    const auto index = row.index(words_);
    if (!index || !row.has(*index)) fail(row, "the words or the text " + quote(words_) + " are missing or null");
    if (row.kind(*index) == JsonKind::kString)
      take_text(row, std::string(row.cell(*index)), sentence);
    else
      take_words(row, *index, sentence);
    counts_.num_empty_sentences += sentence.words.empty();
    return true;
  }

 private:
  [[noreturn]] void fail(const Row& row, const std::string& message) const {
    throw DataError(SourcePosition{rows_->name(), row.line(), 0}, message);
  }

  // The first object tells, where no other name was chosen.
  std::string find_column(const std::string& chosen, const char* no_choice, const std::vector<std::string>& others,
                          const char* role) const {
    const ColumnNames& present = rows_->columns();
    const auto is_there = [&](const std::string& name) { return std::ranges::find(present, name) != present.end(); };
    if (is_there(chosen)) return chosen;
    if (chosen == no_choice)
      for (const std::string& other : others)
        if (is_there(other)) return other;
    const std::string nearest = nearest_name(chosen, present);
    throw DataError(rows_->name() + ": there is no key " + quote(chosen) + " for the " + role +
                    (chosen == no_choice ? ", nor " + listed(others, quote) : "") + "; the keys are " +
                    listed(present, quote, 20) + (nearest.empty() ? "" : " (did you mean " + quote(nearest) + "?)") +
                    "; name the right one under data." + role + " or with --" + role + "-column");
  }

  Json value_of(const Row& row, std::size_t index) const {
    return parse_json(row.cell(index), rows_->name(), ExitCode::kData, row.line());
  }

  const Json& list_of(const Row& row, const Json& value, const std::string& key) const {
    if (!value.is_array()) fail(row, quote(key) + " is no list");
    return value;
  }

  void require_layout(const Row& row, TaggedLayout layout) {
    if (is_first_) layout_ = layout;
    is_first_ = false;
    if (layout_ == layout) return;
    const bool is_text = layout == TaggedLayout::kSpans;
    fail(row, quote(words_) + (is_text ? " is a text, and a list of words in the rows before"
                                       : " is a list of words, and a text in the rows before"));
  }

  std::optional<std::size_t> tags_index(const Row& row, const std::vector<std::string>& others) {
    if (!columns_.has_tags) return std::nullopt;
    if (tags_.empty()) tags_ = find_column(columns_.tags, kDefaultTags, others, "label");
    const auto index = row.index(tags_);
    if (!index || !row.has(*index)) fail(row, "the tags " + quote(tags_) + " are missing or null");
    return index;
  }

  void take_words(const Row& row, std::size_t index, TaggedSentence& sentence) {
    require_layout(row, TaggedLayout::kLists);
    if (row.kind(index) != JsonKind::kArray)
      fail(row, quote(words_) + " is " + describe(row.kind(index)) + "; expected a list of words, or a text");
    for (const Json& word : value_of(row, index)) {
      if (!word.is_string()) fail(row, quote(words_) + " has a word that is no string");
      sentence.words.push_back(word.get<std::string>());
      counts_.num_empty_words += is_blank(sentence.words.back());
    }
    const auto tags = tags_index(row, {"tags", "ner_tags", "labels"});
    if (!tags) return;
    const Json list = value_of(row, *tags);
    for (const Json& tag : list_of(row, list, tags_)) sentence.tags.push_back(tag_of(row, tag));
    if (sentence.tags.size() != sentence.words.size())
      fail(row, "there are " + std::to_string(sentence.words.size()) + " words and " +
                    std::to_string(sentence.tags.size()) + " tags; each word needs one");
  }

  std::string tag_of(const Row& row, const Json& tag) const {
    if (tag.is_number_integer()) return tag.dump();
    if (!tag.is_string() || is_blank(tag.get_ref<const std::string&>()))
      fail(row, quote(tags_) + " has a tag that is neither a name nor a whole number");
    return tag.get<std::string>();
  }

  void take_text(const Row& row, std::string text, TaggedSentence& sentence) {
    require_layout(row, TaggedLayout::kSpans);
    const std::vector<TextRange> places = find_words(text);
    take_places(text, places, sentence);
    if (const auto index = tags_index(row, {"entities", "spans"})) {
      const Json list = value_of(row, *index);
      const std::vector<TextSpan> spans =
          spans_of(row, list_of(row, list, tags_), static_cast<std::int64_t>(count_code_points(text)));
      sentence.tags = write_tags(entities_of(row, spans, places), sentence.num_words(), TagScheme::kIob2);
    }
    sentence.text = std::move(text);
  }

  static void take_places(const std::string& text, const std::vector<TextRange>& places, TaggedSentence& sentence) {
    std::size_t at = 0;
    std::int64_t place = 0;
    const auto advance_to = [&](std::int64_t target) {
      for (; place < target; ++place) decode_utf8(text, at);
      return at;
    };
    for (const TextRange& word : places) {
      const std::size_t begin = advance_to(word.begin);
      sentence.words.push_back(text.substr(begin, advance_to(word.end) - begin));
    }
  }

  std::vector<TextSpan> spans_of(const Row& row, const Json& list, std::int64_t length) const {
    std::vector<TextSpan> spans;
    for (const Json& item : list) spans.push_back(span_of(row, item, length));
    std::ranges::stable_sort(spans, {}, [](const TextSpan& span) { return span.range.begin; });
    for (std::size_t i = 1; i < spans.size(); ++i)
      if (spans[i].range.begin < spans[i - 1].range.end)
        fail(row, "two entities of " + quote(tags_) + " overlap, at character " + std::to_string(spans[i].range.begin) +
                      "; a word has one tag, so nested entities cannot be told");
    return spans;
  }

  TextSpan span_of(const Row& row, const Json& item, std::int64_t length) const {
    const bool is_object = item.is_object() && item.contains("start") && item.contains("end") && item.contains("label");
    if (!is_object && !(item.is_array() && item.size() == 3))
      fail(row, "an entity of " + quote(tags_) + " is neither {start, end, label} nor [start, end, label]");
    const Json& start = is_object ? item["start"] : item[0];
    const Json& end = is_object ? item["end"] : item[1];
    const Json& label = is_object ? item["label"] : item[2];
    if (!start.is_number_integer() || !end.is_number_integer() || !label.is_string() ||
        is_blank(label.get_ref<const std::string&>()))
      fail(row, "an entity of " + quote(tags_) + " needs whole numbers as start and end, and a label");
    const TextRange range{start.get<std::int64_t>(), end.get<std::int64_t>()};
    if (range.begin < 0 || range.begin >= range.end || range.end > length)
      fail(row, "an entity of " + quote(tags_) + " has the characters from " + std::to_string(range.begin) + " to " +
                    std::to_string(range.end) + ", but the text has " + std::to_string(length) +
                    "; offsets count code points from 0, the end is behind the last");
    return {range, label.get<std::string>()};
  }

  // A word belongs to the first entity that has a part of it.
  std::vector<Entity> entities_of(const Row& row, const std::vector<TextSpan>& spans,
                                  const std::vector<TextRange>& words) {
    std::vector<Entity> entities;
    std::size_t word = 0;
    for (const TextSpan& span : spans) {
      while (word < words.size() && words[word].end <= span.range.begin) ++word;
      const std::size_t first = word;
      while (word < words.size() && words[word].begin < span.range.end) ++word;
      if (first < word) {
        counts_.num_widened += words[first].begin < span.range.begin || words[word - 1].end > span.range.end;
        entities.push_back({span.label, static_cast<std::int64_t>(first), static_cast<std::int64_t>(word)});
      } else if (word > 0 && words[word - 1].end > span.range.begin) {
        ++counts_.num_lost;
      } else {
        fail(row,
             "an entity of " + quote(tags_) + " has no word in it, at character " + std::to_string(span.range.begin));
      }
    }
    return entities;
  }

  std::unique_ptr<RowReader> rows_;
  const TaggedColumns columns_;
  std::string words_;
  std::string tags_;
  TaggedLayout layout_ = TaggedLayout::kLists;
  bool is_first_ = true;
};

}  // namespace

std::unique_ptr<TaggedReader> open_tagged(const std::string& path, const TaggedColumns& columns) {
  const FileFormat format = resolve_file_format(path, columns.format);
  if (format == FileFormat::kConll) return std::make_unique<ColumnReader>(path, columns);
  if (format == FileFormat::kJsonl) return std::make_unique<ObjectReader>(path, columns);
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
