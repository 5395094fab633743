#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// How tags mark entities, that is, runs of words of one type. All but IO mark their limits with a letter:
//   iob1   I-X within an entity, B-X only where one follows another of its type at once
//   iob2   B-X at the first word, I-X behind it
//   bioes  B-X, I-X … and E-X at the last word, S-X for an entity of one word (also written L-X and U-X)
//   io     I-X, or X alone, at every word; entities of one type that touch are one
enum class TagScheme { kIob1, kIob2, kBioes, kIo };

template <>
struct EnumNames<TagScheme> {
  static constexpr std::array kNames{
      std::pair{TagScheme::kIob1, std::string_view("iob1")}, std::pair{TagScheme::kIob2, std::string_view("iob2")},
      std::pair{TagScheme::kBioes, std::string_view("bioes")}, std::pair{TagScheme::kIo, std::string_view("io")}};
};

enum class TagPlace { kOutside, kBegin, kInside, kEnd, kSingle };

// A tag taken apart.
struct Tag {
  TagPlace place = TagPlace::kOutside;
  std::string_view type;  // "_" of a letter alone; "" outside

  friend bool operator==(const Tag&, const Tag&) = default;
};

// "O" is outside; "B-X", "I-X", "E-X", "S-X" (and "L-X" for E, "U-X" for S) are a place and a type, as are these
// letters alone; any other tag is a type that it is inside of. Refers to `tag`.
Tag parse_tag(std::string_view tag);

// Words [begin, end) of a sentence that are one entity.
struct Entity {
  std::string type;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  friend bool operator==(const Entity&, const Entity&) = default;
};

// The entities of a sentence's tags, in their order. Reads every scheme and lets sequences pass that are illegal in all
// of them, as seqeval does by default (and conlleval before it): a type that changes begins an entity.
std::vector<Entity> find_entities(std::span<const std::string> tags);

// Only those entities whose tags are legal throughout, as seqeval finds them with mode='strict' and this scheme; in IO,
// which it does not have, those of find_entities().
std::vector<Entity> find_strict_entities(std::span<const std::string> tags, TagScheme scheme);

// The tags of a sentence of `num_words` words with these entities, which do not overlap and stand in their order.
std::vector<std::string> write_tags(std::span<const Entity> entities, std::int64_t num_words, TagScheme scheme);

// Which tags may stand behind which. An unset tag is the beginning or the end of the sentence.
bool may_follow(const std::optional<Tag>& before, const std::optional<Tag>& tag, TagScheme scheme);

// Words at which a sentence's tags break the scheme: one whose tag may not follow the one before, or the last, whose
// tag may not end a sentence.
std::vector<std::int64_t> illegal_places(std::span<const std::string> tags, TagScheme scheme);

// Finds out by which scheme texts are tagged: BIOES if an end or a single word is marked; IOB2 if a B stands where IOB1
// needs none, unless entities begin with an I more often; else IOB1 if there is a B, and IO without one.
class SchemeGuess {
 public:
  void add(std::span<const std::string> tags);
  TagScheme scheme() const;

 private:
  bool has_ends_ = false;
  std::int64_t num_needed_begins_ = 0;  // B behind an entity of its type
  std::int64_t num_other_begins_ = 0;
  std::int64_t num_inside_begins_ = 0;  // I at the beginning of an entity
};

// The scheme that a set of labels can be of.
struct LabelScheme {
  TagScheme scheme = TagScheme::kIo;
  // IOB1 has the same labels: a type with a B- has an I- as well, always. IOB2 is taken.
  bool may_be_iob1 = false;
};
LabelScheme scheme_of_labels(std::span<const std::string> labels);

// Finds the best legal sequence of tags.
class LegalPaths {
 public:
  // `labels` are the tags by their ids.
  LegalPaths(std::span<const std::string> labels, TagScheme scheme);

  // The label of every word such that the sequence is legal and its scores add up to the most (Viterbi's algorithm);
  // of equal ones that with the lower ids from the end on. `scores` is [words, labels], log-probabilities. Nothing when
  // these labels have no legal sequence of that length.
  std::optional<std::vector<std::int64_t>> best(std::span<const double> scores) const;

 private:
  std::size_t num_labels_;
  std::vector<char> may_begin_;   // [labels]
  std::vector<char> may_end_;     // [labels]
  std::vector<char> may_follow_;  // [label before, label]
};

}  // namespace llmtool
