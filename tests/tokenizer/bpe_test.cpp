#include "llmtool/tokenizer/bpe.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <thread>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/json.h"

namespace llmtool::testing {
namespace {

Json model_json() {
  return Json::parse(R"({"type": "BPE", "unk_token": "?", "vocab": {"?": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "bc": 5,
                         "abc": 6}, "merges": ["b c", "a b", "a bc"]})");
}

std::string message_for(const std::function<void(Json&)>& change) {
  Json json = model_json();
  change(json);
  try {
    make_model({json, "tokenizer.json", "model"});
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

std::vector<std::int32_t> ids_of(const std::function<void(Json&)>& change, std::string_view word) {
  Json json = model_json();
  change(json);
  std::vector<ModelToken> tokens;
  make_model({json, "tokenizer.json", "model"})->tokenize(word, tokens);
  std::vector<std::int32_t> ids;
  for (const ModelToken& token : tokens) ids.push_back(token.id);
  return ids;
}

using Ids = std::vector<std::int32_t>;

TEST_CASE("The merge learned first is made first, wherever it stands") {
  CHECK(ids_of([](Json&) {}, "abc") == Ids{6});
  CHECK(ids_of([](Json& m) { m["merges"] = Json::array({"a b", "b c"}); }, "abc") == Ids{4, 3});
  CHECK(ids_of([](Json& m) { m["merges"] = Json::array({"b c", "a b"}); }, "abcab") == Ids{1, 5, 4});
}

TEST_CASE("Merges written as pairs are the same") {
  CHECK(ids_of([](Json& m) { m["merges"] = Json::parse(R"([["b", "c"], ["a", "b"], ["a", "bc"]])"); }, "abcab") ==
        Ids{6, 4});
}

TEST_CASE("Unknown characters become the unknown token, fused when asked for") {
  CHECK(ids_of([](Json&) {}, "axyb") == Ids{1, 0, 0, 2});
  CHECK(ids_of([](Json& m) { m["fuse_unk"] = true; }, "axyb") == Ids{1, 0, 2});
  CHECK(ids_of([](Json& m) { m["unk_token"] = nullptr; }, "axyb") == Ids{4});
}

TEST_CASE("Damaged merges are refused with their index") {
  CHECK_THAT(message_for([](Json& m) { m["merges"][1] = "a x"; }),
             Catch::Contains("merges[1]") && Catch::Contains("'x'") && Catch::Contains("not in 'vocab'"));
  CHECK_THAT(message_for([](Json& m) { m["merges"][2] = "a c"; }), Catch::Contains("'ac'"));
  CHECK_THAT(message_for([](Json& m) { m["merges"][0] = "abc"; }), Catch::Contains("merges[0]"));
  CHECK_THAT(message_for([](Json& m) { m["merges"][0] = 3; }), Catch::Contains("merges[0]"));
  CHECK_THAT(message_for([](Json& m) { m["merges"] = 3; }), Catch::Contains("'merges' must be a list"));
}

TEST_CASE("A vocabulary that is ambiguous or lacks its unknown token is refused") {
  CHECK_THAT(message_for([](Json& m) { m["vocab"]["b"] = 1u; }),
             Catch::Contains("two tokens") && Catch::Contains("id 1"));
  CHECK_THAT(message_for([](Json& m) { m["unk_token"] = "<gone>"; }), Catch::Contains("'<gone>'"));
  CHECK_THAT(message_for([](Json& m) { m["dropout"] = 0.1; }), Catch::Contains("'dropout'"));
  CHECK(message_for([](Json& m) { m["dropout"] = 0.0; }) == "loaded");
}

TEST_CASE("Threads that share a tokenizer get the same ids") {
  const Tokenizer tokenizer = Tokenizer::load(tokenizer_fixture("byte-level"));
  const std::vector<GoldenCase> cases = read_golden_cases();
  const std::vector<GoldenAnswer> answers = read_golden_answers("byte-level");
  std::vector<int> differences(4);
  std::vector<std::thread> threads;
  for (int& count : differences)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < cases.size(); ++i) {
        if (answers[i].error) continue;
        Encoding encoding;
        tokenizer.encode_into(cases[i].text, cases[i].pair, cases[i].options, encoding);
        count += encoding.ids != answers[i].encoding.ids;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(differences == std::vector<int>(4));
}

// vocab.json and merges.txt as the fixture's tokenizer.json has them.
void write_files(const TemporaryDirectory& directory, const std::string& fixture, const std::string& config) {
  const Json model =
      read_json_file((tokenizer_fixture(fixture) / "tokenizer.json").string(), ExitCode::kModel)["model"];
  std::string merges = "#version: 0.2\n";
  for (const Json& merge : model["merges"])
    merges += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
  directory.write("vocab.json", model["vocab"].dump());
  directory.write("merges.txt", merges);
  directory.write("tokenizer_config.json", config);
}

std::string message_for_files(const std::function<void(const TemporaryDirectory&)>& change) {
  TemporaryDirectory directory;
  write_files(directory, "byte-level", R"({"tokenizer_class": "GPT2Tokenizer"})");
  change(directory);
  try {
    Tokenizer::load(directory.path());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

TEST_CASE("vocab.json and merges.txt make a GPT-2 tokenizer") {
  TemporaryDirectory directory;
  write_files(directory, "byte-level", R"({"tokenizer_class": "GPT2Tokenizer"})");
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  CHECK(tokenizer.encode("Hello world").ids ==
        Tokenizer::load(tokenizer_fixture("byte-level")).encode("Hello world").ids);
  CHECK(tokenizer.eos_id() == tokenizer.find("<|endoftext|>"));
  CHECK(tokenizer.num_special_tokens(true) == 0);
}

TEST_CASE("vocab.json and merges.txt make a RoBERTa tokenizer") {
  TemporaryDirectory directory;
  write_files(directory, "roberta", R"({"unk_token": "[UNK]", "pad_token": "[PAD]", "add_prefix_space": true})");
  directory.write("config.json", R"({"model_type": "roberta"})");
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  const Tokenizer expected = Tokenizer::load(tokenizer_fixture("roberta"));
  CHECK(tokenizer.encode("Hello", "world").ids == expected.encode("Hello", "world").ids);
  CHECK(tokenizer.num_special_tokens(true) == 4);
  CHECK(tokenizer.sep_id() == tokenizer.find("</s>"));
}

TEST_CASE("Damaged vocab.json and merges.txt are refused by line") {
  CHECK(message_for_files([](const TemporaryDirectory&) {}) == "loaded");
  CHECK_THAT(message_for_files([](const auto& d) { d.write("merges.txt", "#version: 0.2\na zzzq\n"); }),
             Catch::Contains("merges.txt:2") && Catch::Contains("'zzzq'"));
  CHECK_THAT(message_for_files([](const auto& d) { d.write("merges.txt", "abc\n"); }), Catch::Contains("merges.txt:1"));
  CHECK_THAT(message_for_files([](const auto& d) { d.write("vocab.json", "[]"); }), Catch::Contains("vocab.json"));
  CHECK_THAT(message_for_files([](const auto& d) { d.write("vocab.json", "{}"); }), Catch::Contains("vocab.json"));
  CHECK_THAT(message_for_files([](const auto& d) { d.write("tokenizer_config.json", "{}"); }),
             Catch::Contains("tokenizer_class"));
  CHECK_THAT(
      message_for_files([](const auto& d) { d.write("tokenizer_config.json", R"({"tokenizer_class": "CTRL"})"); }),
      Catch::Contains("'CTRL'"));
}

}  // namespace
}  // namespace llmtool::testing
