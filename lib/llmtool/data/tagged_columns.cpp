#include <algorithm>
#include <charconv>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/data/records.h"
#include "llmtool/data/tagged_sentences.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {
namespace {

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
        words_(column_number(columns.words, TaggedColumns().words, 0, "text")),
        tags_(column_number(columns.tags, TaggedColumns().tags, -1, "label")) {}

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
  std::int64_t column_number(const std::string& column, const std::string& no_choice, std::int64_t otherwise,
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

}  // namespace

std::unique_ptr<TaggedReader> open_tagged_columns(const std::string& path, const TaggedColumns& columns) {
  return std::make_unique<ColumnReader>(path, columns);
}

}  // namespace llmtool
