// Whatever stands in a tokenizer.json or a SentencePiece file, reading it ends with a tokenizer or with an error of the
// model's files, and what was read encodes and decodes, or refuses the text.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/random.h"

namespace llmtool::testing {
namespace {

// Between them they use every component.
const std::vector<std::string> kFixtures{"uncased",    "added",     "components", "byte-level",  "roberta",
                                         "llama",      "metaspace", "unigram",    "precompiled", "unigram-bytes",
                                         "expression", "splits",    "nfkd"};
constexpr std::array kSections{"normalizer", "pre_tokenizer", "post_processor", "decoder", "model", "added_tokens"};

// Random choices one after the other.
class Choices {
 public:
  explicit Choices(std::uint64_t stream) : random_(17, stream) {}
  std::size_t below(std::size_t bound) { return random_.below(bound, counter_++); }

 private:
  CounterRandom random_;
  std::uint64_t counter_ = 0;
};

// Values that fit no key, some keys, or stretch what a key allows.
Json odd_value(Choices& choices) {
  static const std::vector<Json> kValues{nullptr,
                                         true,
                                         false,
                                         0,
                                         1,
                                         -1,
                                         2147483647,
                                         4294967296,
                                         1e308,
                                         0.5,
                                         "",
                                         "a",
                                         "ab",
                                         "▁",
                                         " ",
                                         "[UNK]",
                                         "Fuse",
                                         "Sequence",
                                         "ByteLevel",
                                         Json::array(),
                                         Json::object(),
                                         Json::parse(R"({"String": " "})"),
                                         Json::parse(R"({"Regex": "(?<=a)|$"})"),
                                         Json::parse(R"(["a", 1])")};
  return kValues[choices.below(kValues.size())];
}

// Some value inside `section`, the section itself among them.
Json& any_value(Json& section, Choices& choices) {
  Json* value = &section;
  while (value->is_structured() && !value->empty() && choices.below(5) != 0) {
    auto member = value->begin();
    std::advance(member, static_cast<std::ptrdiff_t>(choices.below(value->size())));
    value = &*member;
  }
  return *value;
}

void damage(Json& document, Choices& choices) {
  Json& value = any_value(document[kSections[choices.below(kSections.size())]], choices);
  const bool drops = value.is_structured() && !value.empty() && choices.below(2) == 0;
  if (!drops) {
    value = odd_value(choices);
    return;
  }
  auto member = value.begin();
  std::advance(member, static_cast<std::ptrdiff_t>(choices.below(value.size())));
  value.erase(member);
}

void encode_or_refuse(const Tokenizer& tokenizer) {
  for (const char* text : {"", " ", "Hello, world", "  <b> a1 ébà ﬁ [MASK] ", "\n\t漢字 \xf0\x9f\x98\x80"}) {
    try {
      const Encoding encoding = tokenizer.encode(text, {.offsets = true});
      tokenizer.decode(encoding.ids, true);
      for (const std::int32_t id : encoding.ids) REQUIRE(id < tokenizer.id_bound());
    } catch (const DataError& error) {
      CHECK(std::string(error.what()) != "");
    }
  }
}

// Whether it was read; `file` is the one that was damaged.
bool read_or_refuse(const TemporaryDirectory& directory, const std::string& file) {
  try {
    encode_or_refuse(Tokenizer::load(directory.path()));
    return true;
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::kModel);
    CHECK_THAT(error.what(), Catch::Contains(file));
    return false;
  }
}

bool read_or_refuse(const std::string& document) {
  const TemporaryDirectory directory;
  directory.write("tokenizer.json", document);
  return read_or_refuse(directory, "tokenizer.json");
}

// Another byte somewhere, and every third time nothing behind some place.
std::string with_damaged_bytes(std::string bytes, std::uint64_t index) {
  Choices choices(index);
  bytes[choices.below(bytes.size())] = static_cast<char>(choices.below(256));
  if (index % 3 == 0) bytes.resize(choices.below(bytes.size()));
  return bytes;
}

Json document_of(const std::string& fixture) {
  return read_json_file((tokenizer_fixture(fixture) / "tokenizer.json").string(), ExitCode::kModel);
}

TEST_CASE("A document with a damaged value is read or refused") {
  const std::string fixture = GENERATE(from_range(kFixtures));
  const Json document = document_of(fixture);
  int num_refused = 0;
  for (std::uint64_t i = 0; i < 150; ++i) {
    Choices choices(i);
    Json damaged = document;
    damage(damaged, choices);
    INFO(fixture << ", damage " << i);
    num_refused += read_or_refuse(damaged.dump()) ? 0 : 1;
  }
  CHECK(num_refused > 15);
}

TEST_CASE("A document with damaged bytes is read or refused") {
  const std::string fixture = GENERATE("unigram", "byte-level");
  const std::string text = document_of(fixture).dump();
  for (std::uint64_t i = 0; i < 60; ++i) {
    INFO(fixture << ", damage " << i);
    read_or_refuse(with_damaged_bytes(text, i));
  }
}

TEST_CASE("A SentencePiece file with damaged bytes is read or refused") {
  const std::string model = read_file(tokenizer_fixture("albert") / "spiece.model");
  // The pieces come first and are the smaller part: damage at any place would mostly hit the rules of normalisation.
  const std::size_t beginning = GENERATE(std::size_t{2000}, std::size_t{40000}, std::size_t{1} << 30);
  const std::size_t damaged = std::min(beginning, model.size());
  const TemporaryDirectory directory;
  directory.write("tokenizer_config.json", R"({"tokenizer_class": "AlbertTokenizer"})");
  int num_refused = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    INFO("first " << damaged << " bytes, damage " << i);
    const std::string bytes = with_damaged_bytes(model.substr(0, damaged), i);
    directory.write("spiece.model", bytes.size() < damaged ? bytes : bytes + model.substr(damaged));
    num_refused += read_or_refuse(directory, "spiece.model") ? 0 : 1;
  }
  CHECK(num_refused > 15);
}

}  // namespace
}  // namespace llmtool::testing
