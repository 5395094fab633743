#include "llmtool/data/tag_scheme.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/core/random.h"

using namespace llmtool;

namespace {

std::vector<std::string> tags_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> tags;
  for (std::string tag; stream >> tag;) tags.push_back(tag);
  return tags;
}

std::string joined(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += (text.empty() ? "" : " ") + tag;
  return text;
}

Json as_json(const std::vector<Entity>& entities) {
  Json list = Json::array();
  for (const Entity& entity : entities) list.push_back({entity.type, entity.begin, entity.end});
  return list;
}

TagScheme guess(std::initializer_list<const char*> sentences) {
  SchemeGuess guess;
  for (const char* tags : sentences) guess.add(tags_of(tags));
  return guess.scheme();
}

std::string converted(const std::string& tags, TagScheme scheme) {
  const std::vector<std::string> list = tags_of(tags);
  return joined(write_tags(find_entities(list), static_cast<std::int64_t>(list.size()), scheme));
}

}  // namespace

TEST_CASE("the entities of tags are those seqeval finds in both modes") {
  const Json goldens = read_json_file(testing::fixture("metrics/entities.json").string(), ExitCode::kInternal);
  std::size_t num_sentences = 0;
  for (const Json& test_case : goldens) {
    const TagScheme scheme = *enum_from_name<TagScheme>(test_case["scheme"].get<std::string>());
    for (const char* part : {"gold", "predicted"}) {
      for (std::size_t i = 0; i < test_case[part].size(); ++i) {
        const auto tags = test_case[part][i].get<std::vector<std::string>>();
        INFO(joined(tags) << " as " << enum_name(scheme));
        CHECK(as_json(find_entities(tags)) == test_case["entities"][part][i]);
        if (test_case.contains("strict_entities"))
          CHECK(as_json(find_strict_entities(tags, scheme)) == test_case["strict_entities"][part][i]);
        ++num_sentences;
      }
    }
  }
  CHECK(num_sentences > 500);
}

TEST_CASE("a tag is taken apart at its first hyphen") {
  CHECK(parse_tag("O") == Tag{});
  CHECK(parse_tag("B-creative-work") == Tag{TagPlace::kBegin, "creative-work"});
  CHECK(parse_tag("L-X") == Tag{TagPlace::kEnd, "X"});
  CHECK(parse_tag("U-X") == Tag{TagPlace::kSingle, "X"});
  CHECK(parse_tag("B") == Tag{TagPlace::kBegin, "_"});
  CHECK(parse_tag("PER") == Tag{TagPlace::kInside, "PER"});
  CHECK(parse_tag("person-actor") == Tag{TagPlace::kInside, "person-actor"});
}

TEST_CASE("tags are converted between all schemes") {
  const std::string iob2 = "B-a B-a I-a O B-b B-a I-a I-a";
  CHECK(converted(iob2, TagScheme::kIob1) == "I-a B-a I-a O I-b I-a I-a I-a");
  CHECK(converted(iob2, TagScheme::kBioes) == "S-a B-a E-a O S-b B-a I-a E-a");
  CHECK(converted(iob2, TagScheme::kIo) == "I-a I-a I-a O I-b I-a I-a I-a");
  for (const TagScheme scheme : {TagScheme::kIob1, TagScheme::kIob2, TagScheme::kBioes})
    CHECK(converted(converted(iob2, scheme), TagScheme::kIob2) == iob2);
  CHECK(converted("U-a B-a L-a O", TagScheme::kBioes) == "S-a B-a E-a O");
  CHECK(converted("a a O b", TagScheme::kIob2) == "B-a I-a O B-b");
  CHECK(converted("B I O", TagScheme::kBioes) == "B E O");
  const std::vector<Entity> overlapping{{"a", 0, 2}, {"b", 1, 3}};
  CHECK_THROWS_AS(write_tags(overlapping, 3, TagScheme::kIob2), std::invalid_argument);
}

TEST_CASE("a scheme is recognised by its tags") {
  CHECK(guess({"B-a I-a O", "O B-b"}) == TagScheme::kIob2);
  CHECK(guess({"I-a I-a O", "I-b B-b"}) == TagScheme::kIob1);
  CHECK(guess({"S-a O", "O"}) == TagScheme::kBioes);
  CHECK(guess({"B-a L-a O", "O"}) == TagScheme::kBioes);
  CHECK(guess({"I-a I-a O"}) == TagScheme::kIo);
  CHECK(guess({"a a O b"}) == TagScheme::kIo);
  CHECK(guess({"O O"}) == TagScheme::kIo);
  CHECK(guess({"B-a I-a O I-b", "B-b O B-a"}) == TagScheme::kIob2);  // with a tag that breaks it
}

TEST_CASE("labels tell a scheme, but IOB1 from IOB2 only where a type has no I-") {
  const auto found = [](const char* labels) {
    const LabelScheme scheme = scheme_of_labels(tags_of(labels));
    return std::pair(scheme.scheme, scheme.may_be_iob1);
  };
  CHECK(found("O B-a I-a") == std::pair(TagScheme::kIob2, true));
  CHECK(found("O B-a I-a I-b") == std::pair(TagScheme::kIob2, true));
  CHECK(found("O B-a I-a B-b") == std::pair(TagScheme::kIob2, false));
  CHECK(found("O B-a I-a E-a S-a") == std::pair(TagScheme::kBioes, false));
  CHECK(found("O a") == std::pair(TagScheme::kIo, false));
  CHECK(found("O I-a") == std::pair(TagScheme::kIo, false));
}

TEST_CASE("tags that break a scheme are found") {
  using Places = std::vector<std::int64_t>;
  CHECK(illegal_places(tags_of("I-a B-a I-b O I-b"), TagScheme::kIob2) == Places{0, 2, 4});
  CHECK(illegal_places(tags_of("I-a B-a I-b O B-b"), TagScheme::kIob1) == Places{4});
  CHECK(illegal_places(tags_of("B-a O S-a I-a B-b"), TagScheme::kBioes) == Places{1, 3, 4});
  CHECK(illegal_places(tags_of("B-a E-a S-b O B-a I-a E-a"), TagScheme::kBioes).empty());
  CHECK(illegal_places(tags_of("I-a B-a"), TagScheme::kIo) == Places{1});
  CHECK(illegal_places({}, TagScheme::kBioes).empty());
}

namespace {

// Every sequence tried; of equal ones the last difference decides for the lower id.
std::optional<std::vector<std::int64_t>> best_of_all(const std::vector<std::string>& labels,
                                                     const std::vector<double>& scores, TagScheme scheme) {
  const std::size_t num_words = scores.size() / labels.size();
  const auto num_sequences = static_cast<std::size_t>(std::pow(labels.size(), num_words) + 0.5);
  std::optional<std::vector<std::int64_t>> best;
  double highest = 0.0;
  for (std::size_t number = 0; number < num_sequences; ++number) {
    std::vector<std::int64_t> path;
    std::vector<std::string> tags;
    double total = 0.0;
    for (std::size_t word = 0, rest = number; word < num_words; ++word, rest /= labels.size()) {
      path.push_back(static_cast<std::int64_t>(rest % labels.size()));
      tags.push_back(labels[rest % labels.size()]);
      total += scores[word * labels.size() + rest % labels.size()];
    }
    if (!illegal_places(tags, scheme).empty() || (best && total <= highest)) continue;
    best = path;
    highest = total;
  }
  return best;
}

}  // namespace

TEST_CASE("the best legal path is the best of all legal sequences") {
  const CounterRandom random(5, 0);
  std::uint64_t draw = 0;
  for (const auto& [labels, scheme] : {std::pair{tags_of("O B-a I-a B-b I-b"), TagScheme::kIob2},
                                       {tags_of("O B-a I-a B-b I-b"), TagScheme::kIob1},
                                       {tags_of("S-a I-a O E-a B-a"), TagScheme::kBioes},
                                       {tags_of("B-a E-a I-b"), TagScheme::kBioes}}) {
    const LegalPaths paths(labels, scheme);
    for (std::size_t num_words = 1; num_words < 6; ++num_words) {
      for (int repetition = 0; repetition < 8; ++repetition) {
        std::vector<double> scores(num_words * labels.size());
        // Eighths, so that sums are exact and ties occur.
        for (double& score : scores) score = -static_cast<double>(random.below(16, draw++)) / 8;
        CHECK(paths.best(scores) == best_of_all(labels, scores, scheme));
      }
    }
  }
  CHECK(LegalPaths(tags_of("O a"), TagScheme::kIo).best({}) == std::vector<std::int64_t>());
  CHECK(LegalPaths(tags_of("B-a I-a"), TagScheme::kBioes).best(std::vector<double>{0, 0}) == std::nullopt);
}
