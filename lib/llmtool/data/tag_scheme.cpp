#include "llmtool/data/tag_scheme.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace llmtool {
namespace {

constexpr std::string_view kNoType = "_";

std::optional<TagPlace> place_of(char letter) {
  switch (letter) {
    case 'B':
      return TagPlace::kBegin;
    case 'I':
      return TagPlace::kInside;
    case 'E':
    case 'L':
      return TagPlace::kEnd;
    case 'S':
    case 'U':
      return TagPlace::kSingle;
    default:
      return std::nullopt;
  }
}

// Whether an entity that `before` is part of ends before `tag`.
bool ends_before(const Tag& before, const Tag& tag) {
  if (before.place == TagPlace::kOutside) return false;
  if (before.place == TagPlace::kEnd || before.place == TagPlace::kSingle) return true;
  return tag.place != TagPlace::kInside && tag.place != TagPlace::kEnd ? true : before.type != tag.type;
}

// Whether `tag` is the first of an entity.
bool begins(const Tag& before, const Tag& tag) {
  if (tag.place == TagPlace::kOutside) return false;
  if (tag.place == TagPlace::kBegin || tag.place == TagPlace::kSingle) return true;
  return before.place == TagPlace::kOutside || ends_before(before, tag);
}

std::vector<Tag> parse_tags(std::span<const std::string> tags) {
  std::vector<Tag> parsed;
  parsed.reserve(tags.size());
  for (const std::string& tag : tags) parsed.push_back(parse_tag(tag));
  return parsed;
}

}  // namespace

Tag parse_tag(std::string_view tag) {
  if (tag == "O") return {};
  const auto place = tag.empty() ? std::nullopt : place_of(tag[0]);
  if (!place || (tag.size() > 1 && tag[1] != '-')) return {TagPlace::kInside, tag};
  return {*place, tag.size() > 2 ? tag.substr(2) : kNoType};
}

std::vector<Entity> find_entities(std::span<const std::string> tags) {
  std::vector<Entity> entities;
  Tag before;
  std::int64_t first = 0;
  for (std::int64_t word = 0; word <= static_cast<std::int64_t>(tags.size()); ++word) {
    const bool is_end = word == static_cast<std::int64_t>(tags.size());
    const Tag tag = is_end ? Tag{} : parse_tag(tags[static_cast<std::size_t>(word)]);
    if (ends_before(before, tag)) entities.push_back({std::string(before.type), first, word});
    if (begins(before, tag)) first = word;
    before = tag;
  }
  return entities;
}

namespace {

// The rules of seqeval's strict mode: for two tags in a row, what the first and the second may be, and how their types
// compare.
enum class Types { kAny, kSame, kOther };

constexpr unsigned kO = 1, kB = 2, kI = 4, kE = 8, kS = 16, kAll = 31;

struct PairRule {
  unsigned before;
  unsigned tag;
  Types types;
};

struct StrictRules {
  std::vector<PairRule> start;
  std::vector<PairRule> inside;
  std::vector<PairRule> end;
};

unsigned bit(const Tag& tag) { return 1U << static_cast<unsigned>(tag.place); }

bool matches(const std::vector<PairRule>& rules, const Tag& before, const Tag& tag) {
  return std::ranges::any_of(rules, [&](const PairRule& rule) {
    if ((rule.before & bit(before)) == 0 || (rule.tag & bit(tag)) == 0) return false;
    return rule.types == Types::kAny || (rule.types == Types::kSame) == (before.type == tag.type);
  });
}

const StrictRules& strict_rules(TagScheme scheme) {
  static const StrictRules iob1{
      {{kO, kI, Types::kAny}, {kI, kI, Types::kOther}, {kB, kI, Types::kAny}, {kI | kB, kB, Types::kSame}},
      {{kB | kI, kI, Types::kSame}},
      {{kI, kI, Types::kOther},
       {kI | kB, kO, Types::kAny},
       {kI, kB, Types::kAny},
       {kB, kI, Types::kOther},
       {kB, kB, Types::kSame}}};
  static const StrictRules iob2{{{kAll, kB, Types::kAny}},
                                {{kB | kI, kI, Types::kSame}},
                                {{kI | kB, kO, Types::kAny}, {kI | kB, kI, Types::kOther}, {kI | kB, kB, Types::kAny}}};
  static const StrictRules bioes{
      {{kAll, kB | kS, Types::kAny}}, {{kB | kI, kI | kE, Types::kSame}}, {{kS | kE, kAll, Types::kAny}}};
  return scheme == TagScheme::kIob1 ? iob1 : scheme == TagScheme::kIob2 ? iob2 : bioes;
}

// Where the run of tags ends that begins at `first`.
std::size_t end_of_run(const std::vector<Tag>& tags, std::size_t first, const StrictRules& rules) {
  std::size_t word = first + 1;
  while (word < tags.size() && matches(rules.inside, tags[word - 1], tags[word])) ++word;
  return word;
}

}  // namespace

std::vector<Entity> find_strict_entities(std::span<const std::string> tags, TagScheme scheme) {
  if (scheme == TagScheme::kIo) return find_entities(tags);
  const StrictRules& rules = strict_rules(scheme);
  std::vector<Tag> parsed = parse_tags(tags);
  parsed.emplace_back();
  std::vector<Entity> entities;
  Tag before;
  for (std::size_t word = 0; word < parsed.size(); before = parsed[word - 1]) {
    if (!matches(rules.start, before, parsed[word])) {
      ++word;
      continue;
    }
    const std::size_t end = end_of_run(parsed, word, rules);
    if (end < parsed.size() && matches(rules.end, parsed[end - 1], parsed[end]))
      entities.push_back(
          {std::string(parsed[word].type), static_cast<std::int64_t>(word), static_cast<std::int64_t>(end)});
    word = end;
  }
  return entities;
}

namespace {

char letter(TagScheme scheme, bool is_first, bool is_last, bool touches_equal) {
  switch (scheme) {
    case TagScheme::kIob1:
      return is_first && touches_equal ? 'B' : 'I';
    case TagScheme::kIob2:
      return is_first ? 'B' : 'I';
    case TagScheme::kBioes:
      if (is_first) return is_last ? 'S' : 'B';
      return is_last ? 'E' : 'I';
    case TagScheme::kIo:
      break;
  }
  return 'I';
}

}  // namespace

std::vector<std::string> write_tags(std::span<const Entity> entities, std::int64_t num_words, TagScheme scheme) {
  std::vector<std::string> tags(static_cast<std::size_t>(num_words), "O");
  const Entity* before = nullptr;
  for (const Entity& entity : entities) {
    if (entity.begin < (before == nullptr ? 0 : before->end) || entity.end <= entity.begin || entity.end > num_words)
      throw std::invalid_argument("entities must lie in the sentence, one behind the other");
    const bool touches_equal = before != nullptr && before->end == entity.begin && before->type == entity.type;
    for (std::int64_t word = entity.begin; word < entity.end; ++word) {
      std::string& tag = tags[static_cast<std::size_t>(word)];
      tag = letter(scheme, word == entity.begin, word + 1 == entity.end, touches_equal);
      if (entity.type != kNoType) tag += "-" + entity.type;
    }
    before = &entity;
  }
  return tags;
}

namespace {

bool is_within(const Tag& tag) { return tag.place == TagPlace::kBegin || tag.place == TagPlace::kInside; }

bool may_follow_in_bioes(const Tag& before, const Tag& tag) {
  const bool goes_on = tag.place == TagPlace::kInside || tag.place == TagPlace::kEnd;
  return is_within(before) == goes_on && (!goes_on || before.type == tag.type);
}

bool may_follow_in_iob(const Tag& before, const Tag& tag, TagScheme scheme) {
  if (tag.place == TagPlace::kEnd || tag.place == TagPlace::kSingle) return false;
  const bool is_behind_equal = is_within(before) && before.type == tag.type;
  if (scheme == TagScheme::kIob1) return tag.place != TagPlace::kBegin || is_behind_equal;
  return tag.place != TagPlace::kInside || is_behind_equal;
}

}  // namespace

bool may_follow(const std::optional<Tag>& before, const std::optional<Tag>& tag, TagScheme scheme) {
  const Tag left = before.value_or(Tag{});
  const Tag right = tag.value_or(Tag{});
  if (scheme == TagScheme::kBioes) return may_follow_in_bioes(left, right);
  if (scheme == TagScheme::kIo) return right.place == TagPlace::kOutside || right.place == TagPlace::kInside;
  return may_follow_in_iob(left, right, scheme);
}

std::vector<std::int64_t> illegal_places(std::span<const std::string> tags, TagScheme scheme) {
  std::vector<std::int64_t> places;
  std::optional<Tag> before;
  for (std::size_t word = 0; word < tags.size(); ++word) {
    const Tag tag = parse_tag(tags[word]);
    const bool is_last = word + 1 == tags.size();
    if (!may_follow(before, tag, scheme) || (is_last && !may_follow(tag, std::nullopt, scheme)))
      places.push_back(static_cast<std::int64_t>(word));
    before = tag;
  }
  return places;
}

void SchemeGuess::add(std::span<const std::string> tags) {
  Tag before;
  for (const std::string& text : tags) {
    const Tag tag = parse_tag(text);
    has_ends_ = has_ends_ || tag.place == TagPlace::kEnd || tag.place == TagPlace::kSingle;
    const bool is_behind_equal = is_within(before) && before.type == tag.type;
    if (tag.place == TagPlace::kBegin) ++(is_behind_equal ? num_needed_begins_ : num_other_begins_);
    if (tag.place == TagPlace::kInside && !is_behind_equal) ++num_inside_begins_;
    before = tag;
  }
}

TagScheme SchemeGuess::scheme() const {
  if (has_ends_) return TagScheme::kBioes;
  if (num_other_begins_ > 0 && num_other_begins_ >= num_inside_begins_) return TagScheme::kIob2;
  return num_needed_begins_ + num_other_begins_ > 0 ? TagScheme::kIob1 : TagScheme::kIo;
}

LabelScheme scheme_of_labels(std::span<const std::string> labels) {
  const std::vector<Tag> tags = parse_tags(labels);
  const auto has = [&](TagPlace place) { return std::ranges::find(tags, place, &Tag::place) != tags.end(); };
  if (has(TagPlace::kEnd) || has(TagPlace::kSingle)) return {TagScheme::kBioes};
  if (!has(TagPlace::kBegin)) return {TagScheme::kIo};
  const bool may_be_iob1 = std::ranges::all_of(tags, [&](const Tag& tag) {
    return tag.place != TagPlace::kBegin || std::ranges::find(tags, Tag{TagPlace::kInside, tag.type}) != tags.end();
  });
  return {TagScheme::kIob2, may_be_iob1};
}

LegalPaths::LegalPaths(std::span<const std::string> labels, TagScheme scheme) : num_labels_(labels.size()) {
  const std::vector<Tag> tags = parse_tags(labels);
  for (const Tag& tag : tags) {
    may_begin_.push_back(static_cast<char>(may_follow(std::nullopt, tag, scheme)));
    may_end_.push_back(static_cast<char>(may_follow(tag, std::nullopt, scheme)));
    for (const Tag& next : tags) may_follow_.push_back(static_cast<char>(may_follow(tag, next, scheme)));
  }
}

std::optional<std::vector<std::int64_t>> LegalPaths::best(std::span<const double> scores) const {
  constexpr double kImpossible = -std::numeric_limits<double>::infinity();
  const std::size_t num_words = scores.size() / num_labels_;
  if (num_words == 0) return std::vector<std::int64_t>();
  std::vector<std::size_t> from(num_words * num_labels_);  // the best label before, for each word and label
  std::vector<double> total(num_labels_);
  for (std::size_t label = 0; label < num_labels_; ++label)
    total[label] = may_begin_[label] != 0 ? scores[label] : kImpossible;
  for (std::size_t word = 1; word < num_words; ++word) {
    std::vector<double> next(num_labels_, kImpossible);
    for (std::size_t label = 0; label < num_labels_; ++label) {
      for (std::size_t before = 0; before < num_labels_; ++before) {
        if (may_follow_[before * num_labels_ + label] == 0 || total[before] <= next[label]) continue;
        next[label] = total[before];
        from[word * num_labels_ + label] = before;
      }
      next[label] += scores[word * num_labels_ + label];
    }
    total = std::move(next);
  }
  for (std::size_t label = 0; label < num_labels_; ++label)
    if (may_end_[label] == 0) total[label] = kImpossible;
  std::size_t label = static_cast<std::size_t>(std::ranges::max_element(total) - total.begin());
  if (total[label] == kImpossible) return std::nullopt;
  std::vector<std::int64_t> path(num_words);
  for (std::size_t word = num_words; word-- > 0; label = from[word * num_labels_ + label])
    path[word] = static_cast<std::int64_t>(label);
  return path;
}

}  // namespace llmtool
