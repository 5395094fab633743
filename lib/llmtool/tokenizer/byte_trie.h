#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace llmtool {

// A set of byte strings with a value each, as a double-array trie: a step is one memory access (Aoe, "An efficient
// digital search algorithm by using a double-array structure", 1989).
class ByteTrie {
 public:
  using State = std::int32_t;
  static constexpr State kRoot = 0;
  static constexpr State kNone = -1;

  // Keys must be distinct and values >= 0. The empty key is left out: no state stands for it.
  explicit ByteTrie(std::vector<std::pair<std::string_view, std::int32_t>> keys);

  // kNone when no key continues so.
  State step(State state, unsigned char byte) const {
    const State next = units_[static_cast<std::size_t>(state)].base + byte;
    return units_[static_cast<std::size_t>(next)].parent == state ? next : kNone;
  }
  // -1 unless a key ends here.
  std::int32_t value(State state) const { return units_[static_cast<std::size_t>(state)].value; }
  // State after all of `text`, or kNone.
  State walk(State state, std::string_view text) const;

 private:
  struct Unit {
    State base = 0;
    State parent = kNone;
    std::int32_t value = -1;
  };
  class Builder;
  std::vector<Unit> units_;
};

}  // namespace llmtool
