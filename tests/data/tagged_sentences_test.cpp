#include "llmtool/data/tagged_sentences.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

using namespace llmtool;
using Words = std::vector<std::string>;

namespace {

TaggedFile read(const std::string& name, const std::string& content, TaggedColumns columns = {}) {
  const testing::TemporaryDirectory directory;
  return read_tagged(directory.write(name, content).string(), columns);
}

std::vector<Words> words_of(const TaggedFile& file) {
  std::vector<Words> words;
  for (const TaggedSentence& sentence : file.sentences) words.push_back(sentence.words);
  return words;
}

void check_refused(const std::string& name, const std::string& content, const std::string& message,
                   TaggedColumns columns = {}) {
  INFO(content);
  CHECK_THROWS_WITH(read(name, content, columns), Catch::Contains(message));
}

}  // namespace

TEST_CASE("columns with tabs keep words that look like comments and empty ones") {
  const TaggedFile file = read("a.conll", "#\tO\n# a comment\n \tO\r\nNew York\tB-loc\n\n \n#1\tO\n");
  CHECK(words_of(file) == std::vector<Words>{{"#", " ", "New York"}, {"#1"}});
  CHECK(file.sentences[0].tags == Words{"O", "O", "B-loc"});
  CHECK(file.sentences[0].lines == std::vector<std::int64_t>{1, 3, 4});
  CHECK(file.sentences[1].line == 7);
  CHECK(file.counts.num_empty_words == 1);
  CHECK(file.sha256.size() == 64);
}

TEST_CASE("columns with spaces have documents and comments and are chosen by number") {
  const std::string text =
      "# id 3 of domain x\n-DOCSTART- -X- O O\n\nEU NNP I-NP B-ORG\nrejects  VBZ I-VP O\n\n-DOCSTART- -X- O O\n\n"
      "Peter NNP I-NP B-PER\n";
  const TaggedFile file = read("a.train", text, {.format = FileFormat::kConll});
  CHECK(words_of(file) == std::vector<Words>{{"EU", "rejects"}, {"Peter"}});
  CHECK(file.sentences[0].tags == Words{"B-ORG", "O"});
  CHECK(file.counts.num_documents == 2);
  CHECK(read("a.iob", text, {.tags = "1"}).sentences[0].tags == Words{"NNP", "VBZ"});
  CHECK(read("a.bio", text, {.words = "1", .tags = "-2"}).sentences[0].words == Words{"NNP", "VBZ"});
  CHECK(read("a.txt", text, {.format = FileFormat::kConll, .max_sentences = 1}).sentences.size() == 1);
}

TEST_CASE("multiword tokens of CoNLL-U are no words") {
  const std::string rest = "\t_\t_\t_\t_\t_\t_\n";
  const std::string text = "# text = vámonos al mar\n1-2\tvámonos\t_\t_" + rest + "1\tvamos\tir\tVERB" + rest +
                           "2\tnos\tnosotros\tPRON" + rest + "5.1\tx\t_\t_" + rest;
  const TaggedFile file = read("a.conllu", text, {.format = FileFormat::kConll, .words = "1", .tags = "3"});
  CHECK(words_of(file) == std::vector<Words>{{"vamos", "nos"}});
  CHECK(file.sentences[0].tags == Words{"VERB", "PRON"});
}

TEST_CASE("lists of words and tags are read from JSONL") {
  const TaggedFile file = read("a.jsonl",
                               "{\"id\": 1, \"tokens\": [\"EU\", \"\"], \"ner_tags\": [\"B-ORG\", "
                               "\"O\"]}\n{\"tokens\": [], \"ner_tags\": []}\n");
  CHECK(file.layout == TaggedLayout::kLists);
  CHECK(words_of(file) == std::vector<Words>{{"EU", ""}, {}});
  CHECK(file.counts.num_empty_sentences == 1);
  CHECK(read("a.jsonl", R"({"tokens": ["a"], "tags": [3]})").sentences[0].tags == Words{"3"});
  CHECK(read("a.jsonl", R"({"w": ["a"], "t": ["O"]})", {.words = "w", .tags = "t"}).sentences[0].tags == Words{"O"});
  CHECK(read("a.jsonl", R"({"tokens": ["a"]})", {.has_tags = false}).sentences[0].tags.empty());
}

TEST_CASE("words of a running text are runs between white space with punctuation and Chinese characters alone") {
  const auto words = [](std::string_view text) {
    std::vector<std::pair<std::int64_t, std::int64_t>> places;
    for (const TextRange& range : find_words(text)) places.emplace_back(range.begin, range.end);
    return places;
  };
  using Places = std::vector<std::pair<std::int64_t, std::int64_t>>;
  CHECK(words(" U.S. e\u0301t\u00e9") == Places{{1, 2}, {2, 3}, {3, 4}, {4, 5}, {6, 10}});
  CHECK(words("\u6771\u4eacx\U0001F600y") == Places{{0, 1}, {1, 2}, {2, 5}});
  CHECK(words("\u200b \u200ba\u200b") == Places{{3, 5}});
  CHECK(words("").empty());
  const JoinedWords joined = join_words({"\u00e9t\u00e9", "", "x"});
  CHECK(joined.text == "\u00e9t\u00e9  x");
  CHECK(joined.places == std::vector<TextRange>{{0, 3}, {4, 4}, {5, 6}});
}

TEST_CASE("entities of running texts become tags of their words") {
  const TaggedFile file =
      read("a.jsonl", R"({"text": "é Berlin-Mitte, Bob Ray", "entities": [{"start": 16, "end": 23, "label": "per"},)"
                      R"( {"start": 2, "end": 14, "label": "loc"}]})"
                      "\n"
                      R"({"text": "abc def", "entities": [[1, 2, "x"], [2, 5, "y"], [5, 6, "z"]]})"
                      "\n"
                      R"({"text": "", "entities": []})");
  CHECK(file.layout == TaggedLayout::kSpans);
  CHECK(file.sentences[0].words == Words{"é", "Berlin", "-", "Mitte", ",", "Bob", "Ray"});
  CHECK(file.sentences[0].tags == Words{"O", "B-loc", "I-loc", "I-loc", "O", "B-per", "I-per"});
  CHECK(file.sentences[1].tags == Words{"B-x", "B-y"});
  CHECK(file.counts.num_widened == 2);
  CHECK(file.counts.num_lost == 1);
  CHECK(file.counts.num_empty_sentences == 1);
}

TEST_CASE("tagged sentences that make no sense are refused with their line") {
  check_refused("a.conll", "a O\nb\n", "a.conll:2: the line has 1 column, and the first with a word has 2");
  check_refused("a.conll", "a\nb\n", "a.conll:1: there is a word and no tag");
  check_refused("a.conll", "a\t\n", "a.conll:1: the tag is empty");
  check_refused("a.conll", "a O\n", "there is no column 4 for the label; the line has 2 columns", {.tags = "4"});
  check_refused("a.conll", "a O\n", "CoNLL columns have no names, so 'ner' is none", {.tags = "ner"});
  check_refused("a.conll", "\n\n", "there are no sentences");
  check_refused("a.csv", "text,label\na,b\n", "the format csv has no tagged words");
  check_refused("a.jsonl", R"({"tokens": ["a", "b"], "tags": ["O"]})", "a.jsonl:1: there are 2 words and 1 tags");
  check_refused("a.jsonl", R"({"tokens": [1], "tags": ["O"]})", "has a word that is no string");
  check_refused("a.jsonl", R"({"tokens": ["a"], "tags": [1.5]})", "neither a name nor a whole number");
  check_refused("a.jsonl", R"({"tokens": ["a"]})", "there is no key 'label' for the label, nor 'tags', 'ner_tags'");
  check_refused("a.jsonl", R"({"words_": ["a"], "tags": []})", "(did you mean 'words_'?)", {.words = "word_"});
  check_refused("a.jsonl", "{\"tokens\": [\"a\"], \"tags\": [\"O\"]}\n{\"tokens\": \"a\", \"tags\": []}",
                "a.jsonl:2: 'tokens' is a text");
  check_refused("a.jsonl", R"({"tokens": null, "tags": []})", "are missing or null");
  check_refused("a.jsonl", R"({"text": "ab", "entities": [[0, 3, "x"]]})", "from 0 to 3, but the text has 2");
  check_refused("a.jsonl", R"({"text": "ab", "entities": [[1, 1, "x"]]})", "from 1 to 1");
  check_refused("a.jsonl", R"({"text": "ab cd", "entities": [[0, 2, "x"], [1, 4, "y"]]})", "overlap, at character 1");
  check_refused("a.jsonl", R"({"text": "a  b", "entities": [[1, 3, "x"]]})", "has no word in it");
  check_refused("a.jsonl", R"({"text": "ab", "entities": [{"start": 0, "stop": 1, "label": "x"}]})",
                "neither {start, end, label}");
  check_refused("a.jsonl", R"({"text": "ab", "entities": [[0, "1", "x"]]})", "needs whole numbers");
  check_refused("a.jsonl", R"({"text": "ab", "entities": 3})", "'entities' is no list");
}

TEST_CASE("tags that break their scheme are kept repaired or refused") {
  const std::string text = "a B-x\nb I-y\n\nc O\nd B-x\ne I-x\n";
  TaggedFile kept = read("a.conll", text);
  const TagReport report = settle_tags(kept, std::nullopt, IllegalTags::kKeep);
  CHECK(report.found == TagScheme::kIob2);
  CHECK(report.num_illegal == 1);
  CHECK(report.num_illegal_sentences == 1);
  CHECK(report.first_illegal_line == 2);
  CHECK(kept.sentences[0].tags == Words{"B-x", "I-y"});
  TaggedFile repaired = read("a.conll", text);
  CHECK(settle_tags(repaired, std::nullopt, IllegalTags::kRepair).num_repaired_sentences == 1);
  CHECK(repaired.sentences[0].tags == Words{"B-x", "B-y"});
  CHECK(repaired.sentences[1].tags == Words{"O", "B-x", "I-x"});
  TaggedFile converted = read("a.conll", text);
  CHECK(settle_tags(converted, TagScheme::kBioes, IllegalTags::kKeep).scheme == TagScheme::kBioes);
  CHECK(converted.sentences[1].tags == Words{"O", "B-x", "E-x"});
  TaggedFile refused = read("a.conll", text);
  CHECK_THROWS_WITH(settle_tags(refused, std::nullopt, IllegalTags::kError),
                    Catch::Contains("a.conll:2: the tag 'I-y' of word 2, behind 'B-x', breaks the scheme iob2"));
}
