#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/data/records.h"
#include "llmtool/data/tagged_sentences.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

// Keys that are taken where no other is chosen.
const std::vector<std::string> kWordKeys{"tokens", "words"};
const std::vector<std::string> kTagKeys{"tags", "ner_tags", "labels"};
const std::vector<std::string> kSpanKeys{"entities", "spans"};

bool has_any(const std::vector<std::string>& columns, const std::vector<std::string>& names) {
  return std::ranges::find_first_of(columns, names) != columns.end();
}

struct TextSpan {
  TextRange range;
  std::string label;
};

class ObjectReader : public TaggedReader {
 public:
  ObjectReader(const std::string& path, const TaggedColumns& columns)
      : rows_(open_rows(path, {.format = FileFormat::kJsonl, .on_bad_row = {}, .layout = columns.layout})),
        columns_(columns) {
    words_ = find_column(columns.words, TaggedColumns().words, kWordKeys, "text");
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
  std::string find_column(const std::string& chosen, const std::string& no_choice,
                          const std::vector<std::string>& others, const char* role) const {
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
    if (tags_.empty()) tags_ = find_column(columns_.tags, TaggedColumns().tags, others, "label");
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
    const auto tags = tags_index(row, kTagKeys);
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
    if (const auto index = tags_index(row, kSpanKeys)) {
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

bool has_tagged_layout(FileFormat format, const std::vector<std::string>& columns) {
  if (format == FileFormat::kConll) return true;
  if (format != FileFormat::kJsonl) return false;
  return has_any(columns, {TaggedColumns().words}) ? has_any(columns, kSpanKeys)
                                                   : has_any(columns, kWordKeys) && has_any(columns, kTagKeys);
}

std::unique_ptr<TaggedReader> open_tagged_objects(const std::string& path, const TaggedColumns& columns) {
  return std::make_unique<ObjectReader>(path, columns);
}

}  // namespace llmtool
