#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace llmtool {

// Counter-based random numbers, Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
// The n-th number of a (seed, stream) pair does not depend on what was drawn before, on threads or on batch size.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  // Four 32-bit words at position `counter`.
  std::array<std::uint32_t, 4> block(std::uint64_t counter) const;
  // 64 bits at position `counter`.
  std::uint64_t bits(std::uint64_t counter) const;
  // In [0, 1), 53 bits.
  double uniform(std::uint64_t counter) const;
  // In [0, bound), without bias worth noticing (128-bit multiply). bound > 0.
  std::uint64_t below(std::uint64_t bound, std::uint64_t counter) const;

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

// A permutation of 0 … size-1 (Fisher-Yates).
std::vector<std::int64_t> random_permutation(std::int64_t size, const CounterRandom& random);

}  // namespace llmtool
