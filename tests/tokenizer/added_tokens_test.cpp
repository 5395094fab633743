#include "llmtool/tokenizer/added_tokens.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace llmtool::testing {
namespace {

// The parts of `text`, added tokens in angle brackets.
std::string parts_of(std::vector<AddedToken> tokens, const std::string& text) {
  std::vector<TextSection> sections;
  AddedTokenMatcher(std::move(tokens)).cut(text, sections);
  std::string parts;
  for (const TextSection& section : sections) {
    const std::string part = text.substr(section.begin, section.end - section.begin);
    parts += section.id ? "<" + part + ">" : "(" + part + ")";
  }
  return parts;
}

TEST_CASE("The longest of the leftmost added tokens wins") {
  const std::vector<AddedToken> tokens{
      {.id = 1, .content = "ab"}, {.id = 2, .content = "abc"}, {.id = 3, .content = "bcd"}};
  CHECK(parts_of(tokens, "xabcdabx") == "(x)<abc>(d)<ab>(x)");
}

TEST_CASE("A single-word token does not match inside a word") {
  const std::vector<AddedToken> tokens{{.id = 1, .content = "ab", .single_word = true}};
  CHECK(parts_of(tokens, "ab abc xab (ab)") == "<ab>( abc xab ()<ab>())");
}

TEST_CASE("Whitespace beside a token is swallowed as asked") {
  const std::vector<AddedToken> tokens{{.id = 1, .content = "L", .lstrip = true},
                                       {.id = 2, .content = "R", .rstrip = true}};
  CHECK(parts_of(tokens, "a \xc2\xa0L b R \n c") == "(a)< \xc2\xa0L>( b )<R \n >(c)");
  CHECK(parts_of(tokens, "R  L") == "<R  ><L>");
  const std::vector<AddedToken> lines{{.id = 1, .content = "R", .rstrip = true},
                                      {.id = 2, .content = "\n", .lstrip = true}};
  CHECK(parts_of(lines, "aR\nb") == "(a)<R\n>(b)");
}

}  // namespace
}  // namespace llmtool::testing
