#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "llmtool/metrics/report.h"

namespace llmtool {

struct MetricReport;  // report.h

// Entities of one type: how many there are, were predicted, and were predicted with the right limits.
struct EntityCount {
  std::int64_t num_gold = 0;
  std::int64_t num_predicted = 0;
  std::int64_t num_right = 0;

  EntityCount& operator+=(const EntityCount& other);
};

// Counts by type.
using EntityCounts = std::map<std::string, EntityCount>;

// Adds those of a sentence. An entity has a type, a begin and an end; both lists are in the order of their begins, of
// which no two are equal.
template <class Entity>
void add_entities(std::span<const Entity> gold, std::span<const Entity> predicted, EntityCounts& counts) {
  for (const Entity& entity : gold) ++counts[entity.type].num_gold;
  auto candidate = gold.begin();
  for (const Entity& entity : predicted) {
    EntityCount& count = counts[entity.type];
    ++count.num_predicted;
    while (candidate != gold.end() && candidate->begin < entity.begin) ++candidate;
    count.num_right += candidate != gold.end() && candidate->begin == entity.begin && candidate->end == entity.end &&
                       candidate->type == entity.type;
  }
}

// How well the entities of tagged sentences were found, and their tags. Mergeable; nothing in it depends on order.
struct EntityScores {
  EntityCounts entities;  // as seqeval counts them by default
  EntityCounts strict;    // with mode='strict'
  std::int64_t num_words = 0;
  std::int64_t num_right_words = 0;

  void merge(const EntityScores& other);
};

enum class EntityMode { kDefault, kStrict };
// kMicro: over all entities together. Means are over the types that are in gold or predicted entities; one that is
// undefined counts as 0 in them, as in seqeval.
enum class EntityAverage { kMicro, kMacro, kWeighted };
enum class EntityFigure { kPrecision, kRecall, kF1 };

// Undefined: precision without predicted entities, recall without gold ones, F1 without either.
MetricValue entity_figure(const EntityCount& count, EntityFigure figure);
MetricValue entity_average(const EntityCounts& counts, EntityAverage average, EntityFigure figure);

template <EntityMode mode, EntityAverage average, EntityFigure figure>
MetricValue entity_metric(const EntityScores& scores) {
  return entity_average(mode == EntityMode::kStrict ? scores.strict : scores.entities, average, figure);
}

// Share of words with the right tag: seqeval's accuracy.
MetricValue tag_accuracy(const EntityScores& scores);

// Every metric of the table over entity scores, and under details num_words, per_type and strict_per_type: precision,
// recall, f1 and support by type.
MetricReport entity_report(const EntityScores& scores);

}  // namespace llmtool
