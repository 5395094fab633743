#include "llmtool/tokenizer/byte_trie.h"

#include <algorithm>

namespace llmtool {

// Breadth first, so that the states near the root, which every word passes, lie close together. Each family of children
// goes to the first base where all its cells are free.
class ByteTrie::Builder {
 public:
  using Keys = std::vector<std::pair<std::string_view, std::int32_t>>;

  Builder(const Keys& keys, std::vector<Unit>& units) : keys_(keys), units_(units) {
    grow_to(kRoot);
    units_[kRoot].parent = kNobody;
    pending_.push_back({kRoot, 0, keys.size(), 0});
  }

  void build() {
    for (std::size_t next = 0; next < pending_.size(); ++next) place_children(pending_[next]);
    // step() may look at any byte after any base.
    State farthest = 0;
    for (const Unit& unit : units_) farthest = std::max(farthest, unit.base);
    grow_to(farthest + 255);
  }

 private:
  // Keys [begin, end) share their first `depth` bytes, which lead to `state`.
  struct Family {
    State state;
    std::size_t begin;
    std::size_t end;
    std::size_t depth;
  };
  struct Child {
    unsigned char byte;
    std::size_t begin;
    std::size_t end;
  };

  void place_children(Family family) {
    Unit& unit = units_[static_cast<std::size_t>(family.state)];
    if (family.begin < family.end && keys_[family.begin].first.size() == family.depth) {
      if (family.depth > 0) unit.value = keys_[family.begin].second;
      ++family.begin;
    }
    if (family.begin == family.end) return;
    find_children(family);
    const State base = find_base();
    unit.base = base;
    for (const Child& child : children_) {
      grow_to(base + child.byte);
      units_[static_cast<std::size_t>(base + child.byte)].parent = family.state;
      pending_.push_back({base + child.byte, child.begin, child.end, family.depth + 1});
    }
  }

  void find_children(const Family& family) {
    children_.clear();
    for (std::size_t i = family.begin; i < family.end; ++i) {
      const auto byte = static_cast<unsigned char>(keys_[i].first[family.depth]);
      if (children_.empty() || children_.back().byte != byte) children_.push_back({byte, i, i});
      children_.back().end = i + 1;
    }
  }

  bool is_free(State cell) const {
    return static_cast<std::size_t>(cell) >= units_.size() || units_[static_cast<std::size_t>(cell)].parent == kNone;
  }

  State find_base() {
    while (!is_free(first_free_)) ++first_free_;
    const State lowest = children_.front().byte;
    int tried = 0;
    for (State cell = std::max(first_free_, lowest + 1);; ++cell) {
      if (!is_free(cell)) continue;
      const State base = cell - lowest;
      const bool fits = std::all_of(children_.begin(), children_.end(),
                                    [&](const Child& child) { return is_free(base + child.byte); });
      if (fits) return base;
      // Cells that keep refusing are given up, so that building stays close to linear.
      if (++tried == kMostTries) first_free_ = cell;
    }
  }

  void grow_to(State cell) {
    if (static_cast<std::size_t>(cell) >= units_.size()) units_.resize(static_cast<std::size_t>(cell) + 1);
  }

  static constexpr int kMostTries = 64;
  static constexpr State kNobody = -2;  // parent of the root, which is nobody's child
  const Keys& keys_;
  std::vector<Unit>& units_;
  std::vector<Family> pending_;  // a queue; nothing is taken off its front
  std::vector<Child> children_;
  State first_free_ = 1;
};

ByteTrie::ByteTrie(std::vector<std::pair<std::string_view, std::int32_t>> keys) {
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(keys.begin(), keys.end());
  Builder(keys, units_).build();
}

ByteTrie::State ByteTrie::walk(State state, std::string_view text) const {
  for (const char byte : text) {
    state = step(state, static_cast<unsigned char>(byte));
    if (state == kNone) return kNone;
  }
  return state;
}

}  // namespace llmtool
