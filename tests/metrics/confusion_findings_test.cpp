#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "llmtool/metrics/classification_metrics.h"

using namespace llmtool;

namespace {

struct Cell {
  std::int64_t gold;
  std::int64_t predicted;
  int count;
};

ConfusionMatrix confusion_of(std::int64_t num_classes, const std::vector<Cell>& cells) {
  ClassScores scores(num_classes);
  for (const Cell& cell : cells)
    for (int i = 0; i < cell.count; ++i) {
      std::vector<float> logits(static_cast<std::size_t>(num_classes), 0.0f);
      logits[static_cast<std::size_t>(cell.predicted)] = 1.0f;
      scores.add(cell.gold, logits);
    }
  return ConfusionMatrix(scores);
}

}  // namespace

TEST_CASE("the majority baseline answers the most frequent gold label") {
  const auto baseline = majority_baseline(confusion_of(3, {{0, 0, 2}, {1, 0, 5}, {2, 2, 3}}));
  CHECK(baseline.class_id == 1);
  CHECK(baseline.accuracy == 0.5);
}

TEST_CASE("a model that answers almost only one label has collapsed") {
  CHECK(has_collapsed(confusion_of(2, {{0, 0, 50}, {1, 0, 48}, {1, 1, 2}})));
  CHECK_FALSE(has_collapsed(confusion_of(2, {{0, 0, 50}, {1, 0, 40}, {1, 1, 10}})));
  const auto top = top_answer(confusion_of(2, {{0, 1, 3}, {1, 1, 1}}));
  CHECK(top.class_id == 1);
  CHECK(top.share == 1.0);
  CHECK(top.gold_share == 0.25);
}

TEST_CASE("answering one label is no collapse when nearly all gold labels are that one") {
  CHECK_FALSE(has_collapsed(confusion_of(2, {{0, 0, 97}, {1, 0, 1}, {1, 1, 2}})));
}

TEST_CASE("a model is compared with the majority unless gold has one label only") {
  CHECK(is_no_better_than_majority(confusion_of(2, {{0, 0, 6}, {1, 0, 4}})));
  CHECK(is_no_better_than_majority(confusion_of(2, {{0, 1, 6}, {1, 1, 4}})));
  CHECK_FALSE(is_no_better_than_majority(confusion_of(2, {{0, 0, 6}, {1, 0, 3}, {1, 1, 1}})));
  CHECK_FALSE(is_no_better_than_majority(confusion_of(2, {{0, 0, 6}})));
}

TEST_CASE("no examples mean no warning") {
  CHECK_FALSE(has_collapsed(confusion_of(2, {})));
  CHECK_FALSE(is_no_better_than_majority(confusion_of(2, {})));
  CHECK(worst_confusions(confusion_of(2, {})).empty());
}

TEST_CASE("worst confusions come most frequent first then by ids and stop at the limit") {
  const auto confusion = confusion_of(3, {{0, 0, 9}, {2, 1, 2}, {0, 1, 2}, {1, 2, 5}, {1, 1, 5}, {2, 0, 1}});
  const auto all = worst_confusions(confusion);
  REQUIRE(all.size() == 4);
  CHECK(std::pair(all[0].gold, all[0].predicted) == std::pair<std::int64_t, std::int64_t>(1, 2));
  CHECK(all[0].count == 5);
  CHECK(all[0].share_of_gold == 0.5);
  CHECK(std::pair(all[1].gold, all[1].predicted) == std::pair<std::int64_t, std::int64_t>(0, 1));
  CHECK(std::pair(all[2].gold, all[2].predicted) == std::pair<std::int64_t, std::int64_t>(2, 1));
  CHECK(worst_confusions(confusion, 2).size() == 2);
}
