#include "llmtool/metrics/entity_scores.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/metrics/report.h"

using namespace llmtool;

namespace {

struct FoundEntity {
  std::string type;
  std::int64_t begin;
  std::int64_t end;
};

std::vector<FoundEntity> entities_of(const Json& list) {
  std::vector<FoundEntity> entities;
  for (const Json& item : list)
    entities.push_back({item[0].get<std::string>(), item[1].get<std::int64_t>(), item[2].get<std::int64_t>()});
  return entities;
}

void add(const Json& entities, std::size_t sentence, EntityCounts& counts) {
  const auto gold = entities_of(entities["gold"][sentence]);
  const auto predicted = entities_of(entities["predicted"][sentence]);
  add_entities<FoundEntity>(gold, predicted, counts);
}

EntityScores scores_of(const Json& test_case, std::size_t sentence) {
  EntityScores scores;
  add(test_case["entities"], sentence, scores.entities);
  if (test_case.contains("strict_entities")) add(test_case["strict_entities"], sentence, scores.strict);
  const Json& gold = test_case["gold"][sentence];
  scores.num_words = static_cast<std::int64_t>(gold.size());
  for (std::size_t word = 0; word < gold.size(); ++word)
    scores.num_right_words += gold[word] == test_case["predicted"][sentence][word];
  return scores;
}

// seqeval gives 0 where we say that a figure is undefined.
double number(const Json& figure) { return figure.is_null() ? 0.0 : figure.get<double>(); }

void check_averages(const Json& report, const Json& expected, const std::string& prefix) {
  for (const auto& [average, name] :
       {std::pair{"micro avg", ""}, {"macro avg", "macro_"}, {"weighted avg", "weighted_"}})
    for (const auto& [figure, key] : {std::pair{"precision", "precision"}, {"recall", "recall"}, {"f1-score", "f1"}}) {
      INFO(prefix << name << key);
      CHECK(number(report.at(prefix + name + key)) ==
            Approx(expected.at(average).at(figure).get<double>()).margin(1e-12));
    }
}

void check_types(const Json& types, const Json& expected) {
  CHECK(types.size() + 3 == expected.size());
  for (const auto& [type, figures] : types.items()) {
    INFO(type);
    CHECK(number(figures["precision"]) == Approx(expected.at(type).at("precision").get<double>()).margin(1e-12));
    CHECK(number(figures["recall"]) == Approx(expected.at(type).at("recall").get<double>()).margin(1e-12));
    CHECK(number(figures["f1"]) == Approx(expected.at(type).at("f1-score").get<double>()).margin(1e-12));
    CHECK(figures["support"].get<double>() == expected.at(type).at("support").get<double>());
  }
}

Json goldens() { return read_json_file(testing::fixture("metrics/entities.json").string(), ExitCode::kInternal); }

}  // namespace

TEST_CASE("every figure about entities equals seqeval in both modes") {
  for (const Json& test_case : goldens()) {
    INFO(test_case["scheme"].get<std::string>());
    EntityScores scores;
    for (std::size_t sentence = test_case["gold"].size(); sentence-- > 0;) scores.merge(scores_of(test_case, sentence));
    const Json report = entity_report(scores).to_json();
    check_averages(report, test_case["figures"], "entity_");
    check_types(report["per_type"], test_case["figures"]);
    CHECK(report["tag_accuracy"].get<double>() == Approx(test_case["accuracy"].get<double>()).margin(1e-12));
    if (!test_case.contains("strict_figures")) continue;
    check_averages(report, test_case["strict_figures"], "strict_entity_");
    check_types(report["strict_per_type"], test_case["strict_figures"]);
  }
}

TEST_CASE("figures about entities that do not exist are undefined and say why") {
  const Json nothing = entity_report({}).to_json();
  for (const std::string& name : metric_names(RecordKind::kEntityScores)) {
    INFO(name);
    CHECK(nothing.at(name).is_null());
    CHECK_FALSE(nothing.at(name + "_undefined").get<std::string>().empty());
  }
  EntityScores missed;
  missed.entities["per"].num_gold = 2;
  const Json report = entity_report(missed).to_json();
  CHECK(report["entity_precision"].is_null());
  CHECK(report["entity_recall"] == 0.0);
  CHECK(report["entity_f1"] == 0.0);
  CHECK(report["per_type"]["per"]["precision_undefined"] == "no entity was predicted");
}

TEST_CASE("entity scores merged with themselves count twice") {
  EntityScores scores;
  scores.entities["per"] = {3, 2, 1};
  scores.num_words = 5;
  scores.merge(scores);
  CHECK(scores.entities["per"].num_gold == 6);
  CHECK(scores.num_words == 10);
}
