#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/json.h"
#include "llmtool/tokenizer/pattern.h"

namespace llmtool::testing {
namespace {

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n##s\n,\ne\xcc\x81te\n";

Json small_document() { return read_json_file(tokenizer_fixture("uncased") / "tokenizer.json", ExitCode::kModel); }

std::string message_for(const std::function<void(Json&)>& change) {
  TemporaryDirectory directory;
  Json document = small_document();
  change(document);
  directory.write("tokenizer.json", document.dump());
  try {
    Tokenizer::load(directory.path());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

std::string message_for_files(const std::function<void(const TemporaryDirectory&)>& write) {
  TemporaryDirectory directory;
  write(directory);
  try {
    Tokenizer::load(directory.path());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

TEST_CASE("A folder without tokenizer says what was looked for") {
  const std::string message = message_for_files([](const TemporaryDirectory&) {});
  CHECK_THAT(message, Catch::Contains("tokenizer.json") && Catch::Contains("vocab.txt"));
}

TEST_CASE("A missing folder says that names are not looked up on the network") {
  CHECK_THROWS_WITH(Tokenizer::load("bert-base-uncased"), Catch::Contains("no network"));
}

TEST_CASE("An unsupported component is refused by name") {
  CHECK_THAT(message_for([](Json& d) { d["normalizer"]["type"] = "ByteLevel"; }),
             Catch::Contains("normalizer") && Catch::Contains("'ByteLevel'"));
  CHECK_THAT(message_for([](Json& d) { d["pre_tokenizer"]["type"] = "UnicodeScripts"; }),
             Catch::Contains("'UnicodeScripts'"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["type"] = "WordLevel"; }),
             Catch::Contains("'WordLevel'") && Catch::Contains("not supported yet"));
  CHECK_THAT(message_for([](Json& d) { d["decoder"]["type"] = "CTC"; }), Catch::Contains("'CTC'"));
  CHECK_THAT(message_for([](Json& d) { d["post_processor"]["type"] = "Other"; }), Catch::Contains("'Other'"));
}

TEST_CASE("A regular expression that would search for years gives up and says so") {
  const RegularExpression expression("^(a|aa)+$");
  const std::string text = std::string(200, 'a') + "b";
  CHECK_THROWS_AS(expression.find_all(text), DataError);
  CHECK_THROWS_WITH(expression.find_all(text),
                    Catch::Contains("'^(a|aa)+$'") && Catch::Contains("gives up") && !Catch::Contains("'aaaa"));
}

TEST_CASE("Searches that are each just affordable give up together") {
  // Every place of the text costs as many steps as there are letters behind it.
  const RegularExpression expression("(?:a|b)*c|a");
  const std::string text = std::string(40'000, 'a');
  CHECK_THROWS_WITH(expression.find_all(text), Catch::Contains("gives up"));
}

TEST_CASE("A normaliser that lets texts grow without bound is stopped, as is a decoder") {
  const auto load = [](const char* section, const Json& part) {
    const TemporaryDirectory directory;
    Json document = small_document();
    document[section] = part;
    directory.write("tokenizer.json", document.dump());
    return Tokenizer::load(directory.path());
  };
  const Json doubling{{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}};
  const auto sequence = [](const char* key, const Json& member) {
    return Json{{"type", "Sequence"}, {key, Json(Json::array_t(60, member))}};
  };
  const auto grows = Catch::Contains("grows beyond 16777216 characters");
  CHECK_THROWS_AS(load("normalizer", sequence("normalizers", doubling)).encode("a"), DataError);
  CHECK_THROWS_WITH(load("normalizer", sequence("normalizers", doubling)).encode("a"), grows);
  const Json long_prefix{{"type", "Prepend"}, {"prepend", std::string(1 << 20, 'b')}};
  CHECK_THROWS_WITH(load("normalizer", sequence("normalizers", long_prefix)).encode("a"), grows);
  const Json bytes{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  CHECK_THROWS_WITH(load("pre_tokenizer", sequence("pretokenizers", bytes)).encode("\xc3\x9f"), grows);
  const Tokenizer decoding = load("decoder", sequence("decoders", doubling));
  CHECK_THROWS_WITH(decoding.decode(decoding.encode("a").ids), Catch::Contains("grows without bound"));
}

TEST_CASE("Parts and tokens that no tokenizer needs are refused") {
  CHECK_THAT(message_for([](Json& d) {
               d["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json(Json::array_t(1001, {{"type", "NFC"}}))}};
             }),
             Catch::Contains("normalizer: has more than 1000 parts"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["vocab"][std::string(20'000, 'x')] = 5000; }),
             Catch::Contains("more than 16384 bytes"));
  CHECK_THAT(message_for(
                 [](Json& d) { d["post_processor"]["special_tokens"]["[CLS]"]["ids"] = Json(Json::array_t(2000, 2)); }),
             Catch::Contains("the template has more than 1000 parts"));
  CHECK_THAT(message_for([](Json& d) {
               d["pre_tokenizer"] = {{"type", "Split"},
                                     {"pattern", {{"Regex", std::string(70'000, 'a')}}},
                                     {"behavior", "Removed"},
                                     {"invert", false}};
             }),
             Catch::Contains("is longer than 65536 bytes"));
}

std::vector<std::string> warnings_for(const char* base, const Json& config) {
  const TemporaryDirectory directory;
  std::filesystem::copy_file(tokenizer_fixture(base) / "tokenizer.json", directory / "tokenizer.json");
  directory.write("tokenizer_config.json", config.dump());
  return Tokenizer::load(directory.path()).warnings();
}

TEST_CASE("Settings that contradict tokenizer.json are named in one line with both values") {
  const auto only = [](const std::vector<std::string>& warnings) {
    REQUIRE(warnings.size() == 1);
    return warnings.front();
  };
  CHECK(warnings_for("uncased", {{"tokenizer_class", "BertTokenizer"}, {"do_lower_case", true}}).empty());
  CHECK_THAT(
      only(warnings_for("uncased", {{"do_lower_case", false}})),
      Catch::Contains("tokenizer_config.json: 'do_lower_case' is false, but tokenizer.json makes letters small"));
  CHECK_THAT(only(warnings_for("cased", {{"tokenizer_class", "BertTokenizer"}})),
             Catch::Contains("'do_lower_case' is true (the default of BertTokenizer)"));
  CHECK_THAT(only(warnings_for("uncased", {{"strip_accents", false}})),
             Catch::Contains("tokenizer.json strips accents"));
  CHECK_THAT(only(warnings_for("uncased", {{"tokenize_chinese_chars", false}})), Catch::Contains("Chinese"));
  CHECK_THAT(only(warnings_for("byte-level", {{"add_prefix_space", true}})), Catch::Contains("puts no space before"));
  CHECK_THAT(only(warnings_for("uncased", {{"unk_token", "[MASK]"}})),
             Catch::Contains("'unk_token' is '[MASK]'") && Catch::Contains("takes '[UNK]' for unknown words"));
  CHECK_THAT(only(warnings_for("uncased", {{"cls_token", "[MASK]"}})),
             Catch::Contains("does not put it around a text"));
  CHECK_THAT(only(warnings_for("uncased", {{"tokenizer_class", "GPT2Tokenizer"}})),
             Catch::Contains("has the model WordPiece"));
  CHECK_THAT(only(warnings_for("uncased", {{"bos_token", "[CLS]"}, {"add_bos_token", false}})),
             Catch::Contains("begins texts with it"));
}

TEST_CASE("A saved tokenizer contradicts itself no longer, and what cannot be obeyed is refused") {
  const TemporaryDirectory directory;
  const TemporaryDirectory saved;
  std::filesystem::copy_file(tokenizer_fixture("uncased") / "tokenizer.json", directory / "tokenizer.json");
  directory.write("tokenizer_config.json", R"({"do_lower_case": false, "strip_accents": false})");
  Tokenizer::load(directory.path()).save(saved.path(), {});
  CHECK(Tokenizer::load(saved.path()).warnings().empty());
  directory.write("tokenizer_config.json", R"({"split_special_tokens": true})");
  CHECK_THROWS_WITH(Tokenizer::load(directory.path()), Catch::Contains("'split_special_tokens': true"));
}

TEST_CASE("Kinds of characters that other versions of Unicode have otherwise are refused") {
  for (const char* pattern : {"[[:punct:]]+", "[[:^alpha:]]", R"(\p{Latin}+)", R"(a|\P{^Emoji})"})
    CHECK_THROWS_WITH(RegularExpression(pattern), Catch::Contains("is not supported"));
  for (const char* pattern : {"[[:space:]]+", R"(\p{L}+|\p{N}{1,3}|\p{^Lu})", R"(\p{Han})", R"(\\p{2})"})
    CHECK_NOTHROW(RegularExpression(pattern));
}

TEST_CASE("Components that are wrong or contradict themselves are refused") {
  CHECK_THAT(message_for([](Json& d) {
               d["normalizer"] = Json::parse(R"({"type": "Replace", "content": "",
                                       "pattern": {"Regex": "a+("}})");
             }),
             Catch::Contains("'a+('") && Catch::Contains("is wrong"));
  CHECK_THAT(message_for([](Json& d) {
               d["pre_tokenizer"] = Json::parse(R"({"type": "Split", "pattern": {"String": "a"},
                                       "behavior": "Kept", "invert": false})");
             }),
             Catch::Contains("'Kept'") && Catch::Contains("MergedWithNext"));
  for (const char* charsmap : {"???", "AAAA", "EAAAAAAAAAA=", ""})
    CHECK_THAT(message_for([&](Json& d) {
                 d["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", charsmap}};
               }),
               Catch::Contains("'precompiled_charsmap' is damaged"));
  CHECK_THAT(message_for([](Json& d) {
               d["normalizer"] = Json::parse(R"({"type": "Replace", "content": "",
                                       "pattern": {"String": ""}})");
             }),
             Catch::Contains("'pattern' must not be empty"));
  CHECK_THAT(message_for([](Json& d) {
               d["pre_tokenizer"] = Json::parse(R"({"type": "Metaspace", "replacement": "__",
                                       "prepend_scheme": "always"})");
             }),
             Catch::Contains("'replacement' must be one character"));
  CHECK_THAT(message_for([](Json& d) {
               d["pre_tokenizer"] = Json::parse(R"({"type": "Metaspace", "replacement": "_",
                                       "prepend_scheme": "always", "add_prefix_space": false})");
             }),
             Catch::Contains("contradicts"));
  CHECK_THAT(message_for([](Json& d) {
               d["post_processor"] = {{"type", "Sequence"},
                                      {"processors", Json::array({d["post_processor"], d["post_processor"]})}};
             }),
             Catch::Contains("processors[1]") && Catch::Contains("second post-processor"));
}

TEST_CASE("An unknown key is refused by name and null is not") {
  CHECK_THAT(message_for([](Json& d) { d["normalizer"]["fold"] = true; }), Catch::Contains("'fold'"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["dropout"] = 0.1; }), Catch::Contains("'dropout'"));
  CHECK_THAT(message_for([](Json& d) { d["extra"] = Json::object(); }), Catch::Contains("'extra'"));
  CHECK(message_for([](Json& d) { d["model"]["dropout"] = nullptr; }) == "loaded");
}

TEST_CASE("Damaged values are refused") {
  CHECK_THAT(message_for([](Json& d) { d["normalizer"].erase("lowercase"); }), Catch::Contains("'lowercase'"));
  CHECK_THAT(message_for([](Json& d) { d["normalizer"]["lowercase"] = 1; }), Catch::Contains("true or false"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["vocab"]["x"] = -1; }), Catch::Contains("whole number"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["vocab"]["x"] = 4000000000u; }), Catch::Contains("whole number"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["unk_token"] = "<gone>"; }), Catch::Contains("'<gone>'"));
  CHECK_THAT(message_for([](Json& d) { d["version"] = "2.0"; }), Catch::Contains("'2.0'"));
  CHECK_THAT(message_for([](Json& d) { d.erase("model"); }), Catch::Contains("'model'"));
  CHECK_THAT(message_for([](Json& d) { d["model"]["vocab"] = 3; }), Catch::Contains("vocab"));
  CHECK_THAT(message_for([](Json& d) { d["post_processor"]["special_tokens"] = Json::object(); }),
             Catch::Contains("special_tokens"));
  CHECK_THAT(message_for([](Json& d) { d["post_processor"]["special_tokens"]["[CLS]"]["ids"] = {999999}; }),
             Catch::Contains("999999"));
  CHECK_THAT(message_for([](Json& d) { d = Json::array(); }), Catch::Contains("object"));
}

TEST_CASE("Metaspace marks the first character of a text, not the first that a normalizer leaves") {
  const auto ids_of = [](const std::string& scheme, const char* text) {
    TemporaryDirectory directory;
    Json document = small_document();
    document["normalizer"] = {{"type", "Strip"}, {"strip_left", true}, {"strip_right", false}};
    document["pre_tokenizer"] = {
        {"type", "Metaspace"}, {"replacement", "_"}, {"prepend_scheme", scheme}, {"split", true}};
    document["model"]["vocab"] = {{"[UNK]", 0}, {"a", 1}, {"_a", 2}};
    document["model"]["unk_token"] = "[UNK]";
    document["added_tokens"] = Json::array();
    document["post_processor"] = nullptr;
    document["decoder"] = nullptr;
    directory.write("tokenizer.json", document.dump());
    return Tokenizer::load(directory.path()).encode(text).ids;
  };
  using Ids = std::vector<std::int32_t>;
  CHECK(ids_of("first", "a") == Ids{2});
  CHECK(ids_of("first", " a") == Ids{1});
  CHECK(ids_of("always", " a") == Ids{2});
  CHECK(ids_of("never", " a") == Ids{1});
}

TEST_CASE("Truncation and padding of the file do not count") {
  TemporaryDirectory directory;
  Json document = small_document();
  document["truncation"] = {{"max_length", 4}, {"strategy", "LongestFirst"}, {"stride", 0}};
  document["padding"] = {{"strategy", {{"Fixed", 128}}}};
  directory.write("tokenizer.json", document.dump());
  CHECK(Tokenizer::load(directory.path()).encode("one two three four five six").ids.size() > 6);
}

TEST_CASE("A vocabulary file alone makes an uncased BERT tokenizer") {
  TemporaryDirectory directory;
  directory.write("vocab.txt", kVocabulary);
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  CHECK(tokenizer.encode("Hello, WORLDS").ids == std::vector<std::int32_t>{2, 5, 8, 6, 7, 3});
  CHECK(tokenizer.vocabulary_size() == 10);
  CHECK(tokenizer.id_bound() == 10);
  CHECK(tokenizer.pad_id() == 0);
  CHECK(tokenizer.mask_id() == 4);
  CHECK(tokenizer.is_special(2));
  CHECK_FALSE(tokenizer.is_special(5));
  CHECK(tokenizer.num_special_tokens(true) == 3);
}

TEST_CASE("tokenizer_config.json says how to read a vocabulary file") {
  TemporaryDirectory directory;
  directory.write("vocab.txt", kVocabulary);
  directory.write("tokenizer_config.json", R"({"do_lower_case": false, "model_max_length": 77})");
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  CHECK(tokenizer.encode("Hello hello").ids == std::vector<std::int32_t>{2, 1, 5, 3});
  CHECK(tokenizer.model_max_length() == 77);
}

TEST_CASE("A vocabulary file with Windows line ends gives the same ids") {
  TemporaryDirectory unix_ends;
  TemporaryDirectory windows_ends;
  std::string text = kVocabulary;
  unix_ends.write("vocab.txt", text);
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) text.insert(at, "\r");
  windows_ends.write("vocab.txt", text);
  CHECK(Tokenizer::load(unix_ends.path()).content_hash() == Tokenizer::load(windows_ends.path()).content_hash());
}

TEST_CASE("What a vocabulary file cannot express is refused") {
  const auto with_config = [](const char* config) {
    return message_for_files([config](const TemporaryDirectory& directory) {
      directory.write("vocab.txt", kVocabulary);
      directory.write("tokenizer_config.json", config);
    });
  };
  CHECK_THAT(with_config(R"({"tokenizer_class": "T5Tokenizer"})"), Catch::Contains("'T5Tokenizer'"));
  CHECK_THAT(with_config(R"({"do_basic_tokenize": false})"), Catch::Contains("do_basic_tokenize"));
  CHECK_THAT(with_config(R"({"do_lower_case": "no"})"), Catch::Contains("do_lower_case"));
  CHECK_THAT(with_config(R"({"cls_token": "<s>"})"), Catch::Contains("'<s>'"));
  CHECK_THAT(message_for_files([](const TemporaryDirectory& directory) { directory.write("vocab.txt", ""); }),
             Catch::Contains("empty"));
  CHECK_THAT(message_for_files([](const TemporaryDirectory& directory) { directory.write("vocab.txt", "a\n\xff\n"); }),
             Catch::Contains("vocab.txt:2") && Catch::Contains("UTF-8"));
}

TEST_CASE("Special tokens are found by the name the configuration gives them") {
  TemporaryDirectory directory;
  directory.write("vocab.txt", "<pad>\n<unk>\n<s>\n</s>\nhello\n");
  directory.write(
      "tokenizer_config.json",
      R"({"pad_token": "<pad>", "unk_token": {"content": "<unk>"}, "cls_token": "<s>", "sep_token": "</s>"})");
  const Tokenizer tokenizer = Tokenizer::load(directory.path());
  CHECK(tokenizer.encode("hello there").ids == std::vector<std::int32_t>{2, 4, 1, 3});
  CHECK(tokenizer.cls_id() == 2);
  CHECK_FALSE(tokenizer.mask_id().has_value());
}

}  // namespace
}  // namespace llmtool::testing
