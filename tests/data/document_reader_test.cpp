#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/data/corpus.h"

using namespace llmtool;
using Catch::Contains;

namespace {

struct ReadDocuments {
  std::vector<std::string> texts;
  std::vector<std::int64_t> lines;
  std::int64_t num_blank = 0;
};

ReadDocuments read_all(const DocumentSource& source) {
  DocumentReader reader(source);
  ReadDocuments result;
  Document document;
  while (reader.next(document)) {
    result.texts.push_back(document.text);
    result.lines.push_back(document.line);
  }
  result.num_blank = reader.num_blank();
  return result;
}

using Texts = std::vector<std::string>;
using Lines = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a document is a line, lines up to a blank one, or the file") {
  const testing::TemporaryDirectory directory;
  const std::string file = directory.write("a.txt", "one\ntwo\n\n \nthree\nfour").string();
  const ReadDocuments by_line = read_all({.files = {file}});
  CHECK(by_line.texts == Texts{"one", "two", "three", "four"});
  CHECK(by_line.lines == Lines{1, 2, 5, 6});
  CHECK(by_line.num_blank == 2);
  const ReadDocuments by_blank_line = read_all({.files = {file}, .unit = DocumentUnit::kBlankLine});
  CHECK(by_blank_line.texts == Texts{"one\ntwo", "three\nfour"});
  CHECK(by_blank_line.lines == Lines{1, 5});
  CHECK(read_all({.files = {file}, .unit = DocumentUnit::kFile}).texts == Texts{"one\ntwo\n\n \nthree\nfour"});
}

TEST_CASE("a document does not go beyond its file") {
  const testing::TemporaryDirectory directory;
  const std::string first = directory.write("1.txt", "a\nb\n").string();
  const std::string blank = directory.write("2.txt", "\n\n").string();
  const std::string last = directory.write("3.txt", "c").string();
  const ReadDocuments read = read_all({.files = {first, blank, last}, .unit = DocumentUnit::kBlankLine});
  CHECK(read.texts == Texts{"a\nb", "c"});
}

TEST_CASE("rows of a table are documents whatever the unit") {
  const testing::TemporaryDirectory directory;
  const std::string file = directory.write("a.jsonl", "{\"body\": \"one\\n\\ntwo\"}\n{\"body\": \" \"}\n").string();
  const ReadDocuments read = read_all({.files = {file}, .column = "body", .unit = DocumentUnit::kBlankLine});
  CHECK(read.texts == Texts{"one\n\ntwo"});
  CHECK(read.num_blank == 1);
}

TEST_CASE("a text that cannot be read is an error with its line") {
  const testing::TemporaryDirectory directory;
  const std::string file = directory.write("a.jsonl", "{\"text\": \"one\"}\n{\"text\": 3}\n").string();
  CHECK_THROWS_WITH(read_all({.files = {file}}), Contains("a.jsonl:2") && Contains("not a string"));
  CHECK_THROWS_WITH(read_all({.files = {file}, .column = "body"}), Contains("'text'") && Contains("data.text"));
}

TEST_CASE("a document of more than 8 MiB is refused") {
  const testing::TemporaryDirectory directory;
  std::string text = "short\n";
  for (int i = 0; i < 90; ++i) text += std::string(100'000, 'a') + "\n";
  const std::string file = directory.write("a.txt", text).string();
  CHECK(read_all({.files = {file}}).texts.size() == 91);
  CHECK_THROWS_WITH(read_all({.files = {file}, .unit = DocumentUnit::kFile}),
                    Contains("a.txt:1") && Contains("8 MiB") && Contains("data.document"));
}

TEST_CASE("patterns name files in order, and one that names none is an error") {
  const testing::TemporaryDirectory directory;
  const std::string b = directory.write("b.txt", "b").string();
  const std::string a = directory.write("a.txt", "a").string();
  CHECK(expand_file_patterns({(directory.path() / "*.txt").string(), b}) == Texts{a, b, b});
  CHECK_THROWS_WITH(expand_file_patterns({(directory.path() / "*.jsonl").string()}), Contains("no file matches"));
}
