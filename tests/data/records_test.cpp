#include "llmtool/data/records.h"

#include <catch2/catch.hpp>
#include <string>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"

using namespace llmtool;
using Catch::Contains;

namespace {

RecordFile read_text(const std::string& name, const std::string& content, const RecordColumns& columns = {}) {
  const testing::TemporaryDirectory directory;
  return read_records(directory.write(name, content).string(), columns);
}

}  // namespace

TEST_CASE("records keep row number line text and label") {
  const std::string content = "id,text,label\n1,\"two\nlines\",b\n2,plain,a\n";
  const RecordFile file = read_text("train.csv", content);
  REQUIRE(file.records.size() == 2);
  CHECK(file.records[0].text == "two\nlines");
  CHECK(file.records[0].label() == "b");
  CHECK(file.records[0].row == 0);
  CHECK(file.records[0].line == 2);
  CHECK(file.records[1].row == 1);
  CHECK(file.records[1].line == 4);
  CHECK_FALSE(file.records[1].has_pair);
  CHECK(file.sha256 == sha256_hex(content));
}

TEST_CASE("two text columns make a pair") {
  const RecordFile file =
      read_text("train.tsv", "label\tquestion\tsentence\nyes\twho\tme\n", {.text = {"question", "sentence"}});
  CHECK(file.records[0].has_pair);
  CHECK(file.records[0].text == "who");
  CHECK(file.records[0].text_pair == "me");
}

TEST_CASE("columns without header are positions") {
  const RecordFile file = read_text("train.csv", "a,good\nb,bad\n", {.header = false, .text = {"1"}, .labels = {"0"}});
  REQUIRE(file.records.size() == 2);
  CHECK(file.records[0].text == "good");
  CHECK(file.records[0].label() == "a");
  CHECK(file.records[0].line == 1);
}

TEST_CASE("a number as JSONL label is the name that stands there, as in CSV") {
  for (const char* label : {"1.0", "1.5", "01", "100000000000000000000", "-3"}) {
    INFO(label);
    const std::string written = label == std::string("01") ? "\"01\"" : label;
    CHECK(read_text("t.jsonl", "{\"text\": \"x\", \"label\": " + written + "}\n").records[0].label() == label);
    CHECK(read_text("t.csv", std::string("text,label\nx,") + label + "\n").records[0].label() == label);
  }
}

TEST_CASE("rows without a label are kept when they may be left out, in every format") {
  const std::pair<const char*, const char*> files[] = {
      {"t.csv", "text,label\na,x\nb,\nc,  \n"},
      {"t.tsv", "text\tlabel\na\tx\nb\t\n"},
      {"t.jsonl",
       "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":null}\n{\"text\":\"c\"}\n"
       "{\"text\":\"d\",\"label\":NaN}\n{\"text\":\"e\",\"label\":\"\"}\n"}};
  for (const auto& [name, content] : files) {
    INFO(name);
    const RecordFile file = read_text(name, content, {.keeps_unlabelled = true});
    CHECK(file.records[0].label() == "x");
    for (std::size_t i = 1; i < file.records.size(); ++i) CHECK(file.records[i].labels.empty());
    CHECK_THROWS_WITH(read_text(name, content), Contains(":") && Contains("is empty") && Contains("unknown_label"));
  }
}

TEST_CASE("a column that is asked for and named twice is an error, another one is none") {
  CHECK_THROWS_WITH(read_text("t.csv", "text,label,text\na,x,b\n"),
                    Contains("t.csv: the header names the column 'text' more than once"));
  CHECK(read_text("t.csv", ",text,label,,note,note\n1,a,x,2,3,4\n").records[0].text == "a");
  CHECK(read_text("t.csv", "text,label,text\na,x,b\n", {.text = {"text_2"}}).records[0].text == "b");
}

TEST_CASE("a wrong delimiter is named with the columns it makes") {
  RecordColumns columns;
  columns.layout.delimiter = Delimiter::kComma;
  CHECK_THROWS_WITH(read_text("t.csv", "text;label\na;x\n", columns),
                    Contains("'text;label'") && Contains("with ',' between them (data.delimiter, --delimiter)"));
  CHECK(read_text("t.csv", "text;label\na;x\n").records[0].label() == "x");
}

TEST_CASE("labels of JSONL are strings integers or booleans") {
  const RecordFile file = read_text("train.jsonl",
                                    "{\"text\": \"x\", \"label\": \"pos\"}\n{\"text\": \"y\", \"label\": -3}\n"
                                    "{\"text\": \"z\", \"label\": true}\n");
  REQUIRE(file.records.size() == 3);
  CHECK(file.records[0].label() == "pos");
  CHECK(file.records[1].label() == "-3");
  CHECK(file.records[2].label() == "true");
}

TEST_CASE("booleans of JSONL are named as JSON writes them and cells of CSV as they stand") {
  const RecordFile json = read_text("train.jsonl",
                                    "{\"text\": \"x\", \"label\": true}\n{\"text\": \"y\", \"label\": false}\n"
                                    "{\"text\": \"z\", \"label\": \"True\"}\n");
  const RecordFile table = read_text("train.csv", "text,label\nx,True\ny,False\nz,true\n");
  const auto labels = [](const RecordFile& file) {
    std::vector<std::string> names;
    for (const Record& record : file.records) names.emplace_back(record.label());
    return names;
  };
  CHECK(labels(json) == std::vector<std::string>{"true", "false", "True"});
  CHECK(labels(table) == std::vector<std::string>{"True", "False", "true"});
}

TEST_CASE("another kind of JSONL label is an error with its line") {
  for (const std::string label : {"Infinity", "[1]", "{\"a\": 1}"}) {
    INFO(label);
    CHECK_THROWS_WITH(
        read_text("train.jsonl", "{\"text\": \"x\", \"label\": 1}\n{\"text\": \"x\", \"label\": " + label + "}\n"),
        Contains("train.jsonl:2: the label 'label' is") && Contains("a string, a number or a boolean"));
  }
}

TEST_CASE("a JSONL text that is no string is an error with its line") {
  CHECK_THROWS_WITH(read_text("train.jsonl", "{\"text\": \"x\", \"label\": 1}\n{\"text\": 5, \"label\": 1}\n"),
                    Contains("train.jsonl:2: the text 'text' is a number, not a string"));
  CHECK_THROWS_WITH(read_text("train.jsonl", "{\"text\": \"x\", \"label\": 1}\n{\"label\": 1}\n"),
                    Contains("train.jsonl:2: the text 'text' is missing or null"));
  CHECK_THROWS_WITH(read_text("train.jsonl", "{\"text\": null, \"label\": 1}\n"),
                    Contains("train.jsonl:1: the text 'text' is missing or null"));
}

TEST_CASE("a wrong column lists those present and the nearest") {
  CHECK_THROWS_WITH(
      read_text("train.csv", "text,category\nx,a\n"),
      Contains("train.csv: there is no column 'label' for the label; the columns are 'text', 'category'"));
  CHECK_THROWS_WITH(read_text("train.csv", "texts,label\nx,a\n"),
                    Contains("no column 'text' for the text") && Contains("did you mean 'texts'?"));
  CHECK_THROWS_AS(read_text("train.csv", "texts,label\nx,a\n"), DataError);
}

TEST_CASE("an empty label is an error with its line") {
  CHECK_THROWS_WITH(read_text("train.csv", "text,label\nx,a\ny,\n"),
                    Contains("train.csv:3: the label") && Contains("is empty"));
  CHECK_THROWS_WITH(read_text("train.csv", "text,label\nx,  \n"), Contains("train.csv:2: the label"));
  CHECK_THROWS_WITH(read_text("train.jsonl", "{\"text\": \"x\", \"label\": null}\n"), Contains("is empty"));
}

TEST_CASE("empty texts are kept and counted") {
  const RecordFile file = read_text("train.csv", "text,label\n,a\n\" \",b\nx,a\n");
  CHECK(file.records.size() == 3);
  CHECK(file.num_empty_texts == 2);
  CHECK(file.records[0].text.empty());
}

TEST_CASE("a file without rows is an error") {
  CHECK_THROWS_AS(read_text("train.csv", "text,label\n"), DataError);
  CHECK_THROWS_AS(read_text("train.csv", ""), DataError);
}

TEST_CASE("reading stops at the asked number of rows") {
  const RecordFile file = read_text("train.csv", "text,label\nx,a\ny,b\nz,c\n", {.max_rows = 2});
  REQUIRE(file.records.size() == 2);
  CHECK(file.records[1].text == "y");
}

TEST_CASE("a label column is not needed when none is asked for") {
  const RecordFile file = read_text("train.csv", "text\nx\n", {.labels = {}});
  CHECK(file.records[0].labels.empty());
}

TEST_CASE("the columns of a config are those it names") {
  DataOptions options;
  options.text = {"a", "b"};
  options.label = {"c"};
  options.header = false;
  options.max_rows = 7;
  options.format = FileFormat::kTsv;
  const RecordColumns columns = RecordColumns::from(options);
  CHECK(columns.text == options.text);
  CHECK(columns.labels == std::vector<std::string>{"c"});
  CHECK_FALSE(columns.header);
  CHECK(columns.max_rows == 7);
  CHECK(columns.format == FileFormat::kTsv);
}

namespace {

using Names = std::vector<std::string>;

RecordColumns with_names(Names columns = {"labels"}) {
  RecordColumns result;
  result.labels = std::move(columns);
  result.label_form = LabelForm::kNames;
  return result;
}

}  // namespace

TEST_CASE("a row has the labels of a list or of a text with separators") {
  const auto labels = [](const std::string& written) {
    return read_text("t.jsonl", "{\"text\": \"x\", \"labels\": " + written + "}\n", with_names()).records[0].labels;
  };
  CHECK(labels("[]").empty());
  CHECK(labels("\"\"").empty());
  CHECK(labels("[\"joy\", 3, true]") == Names{"joy", "3", "true"});
  CHECK(labels("\"joy, sadness\"") == Names{"joy", "sadness"});
  CHECK(labels("7") == Names{"7"});
  RecordColumns columns = with_names();
  columns.label_separator = "||";
  CHECK(read_text("t.tsv", "text\tlabels\nx\ta, b||c\n", columns).records[0].labels == Names{"a, b", "c"});
  CHECK(read_text("t.csv", "text,labels\nx,\n", columns).records[0].labels.empty());
}

TEST_CASE("a row has the labels whose columns hold a one") {
  const RecordFile file =
      read_text("t.csv", "text,joy,fear,love\nx,1,0,1.0\ny,False,false,0\n", with_names({"joy", "fear", "love"}));
  CHECK(file.records[0].labels == Names{"joy", "love"});
  CHECK(file.records[1].labels.empty());
}

TEST_CASE("labels of another form are refused with their line") {
  const auto check = [](const char* name, const std::string& content, const RecordColumns& columns,
                        const char* message) {
    CHECK_THROWS_WITH(read_text(name, content, columns), Contains(message));
  };
  check("t.jsonl", "{\"text\": \"x\", \"labels\": null}\n", with_names(), "an empty list says");
  check("t.jsonl", "{\"text\": \"x\", \"labels\": [[1]]}\n", with_names(), "holds something that is no label");
  check("t.jsonl", "{\"text\": \"x\", \"labels\": {\"a\": 1}}\n", with_names(), "they are a list of names");
  check("t.csv", "text,labels\nx,\"a,,b\"\n", with_names(), "t.csv:2: one of the labels (column 'labels') is empty");
  check("t.csv", "text,a,b\nx,1,2\n", with_names({"a", "b"}), "t.csv:2: the label column 'b' holds neither 0 nor 1");
}

TEST_CASE("numbers are read from one or several columns") {
  RecordColumns columns;
  columns.label_form = LabelForm::kNumbers;
  columns.labels = {"a", "b"};
  CHECK(read_text("t.csv", "text,a,b\nx, 1.5 ,-2e3\n", columns).records[0].numbers ==
        std::vector<double>{1.5, -2000.0});
  CHECK(read_text("t.jsonl", "{\"text\": \"x\", \"a\": 1, \"b\": \"0.25\"}\n", columns).records[0].numbers ==
        std::vector<double>{1.0, 0.25});
  for (const char* cell : {"1;5", "high", "inf", "true"}) {
    CAPTURE(cell);
    CHECK_THROWS_WITH(read_text("t.csv", std::string("text,a,b\nx,0,") + cell + "\n", columns),
                      Contains("t.csv:2: the value of column 'b' is no number"));
  }
  CHECK_THROWS_WITH(read_text("t.csv", "text,a,b\nx,0,\n", columns), Contains("(column 'b') is empty"));
  columns.keeps_unlabelled = true;
  CHECK(read_text("t.csv", "text,a,b\nx,0,\n", columns).records[0].numbers.empty());
}
