#include "llmtool/core/random.h"

#include <numeric>
#include <utility>

namespace llmtool {

std::array<std::uint32_t, 4> CounterRandom::block(std::uint64_t counter) const {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
  std::uint32_t x0 = static_cast<std::uint32_t>(counter);
  std::uint32_t x1 = static_cast<std::uint32_t>(counter >> 32);
  std::uint32_t x2 = static_cast<std::uint32_t>(stream_);
  std::uint32_t x3 = static_cast<std::uint32_t>(stream_ >> 32);
  std::uint32_t key0 = static_cast<std::uint32_t>(seed_);
  std::uint32_t key1 = static_cast<std::uint32_t>(seed_ >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * x0;
    const std::uint64_t product1 = kMultiplier1 * x2;
    x0 = static_cast<std::uint32_t>(product1 >> 32) ^ x1 ^ key0;
    x1 = static_cast<std::uint32_t>(product1);
    x2 = static_cast<std::uint32_t>(product0 >> 32) ^ x3 ^ key1;
    x3 = static_cast<std::uint32_t>(product0);
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return {x0, x1, x2, x3};
}

std::uint64_t CounterRandom::bits(std::uint64_t counter) const {
  const auto words = block(counter);
  return static_cast<std::uint64_t>(words[1]) << 32 | words[0];
}

double CounterRandom::uniform(std::uint64_t counter) const {
  return static_cast<double>(bits(counter) >> 11) * 0x1p-53;
}

std::uint64_t CounterRandom::below(std::uint64_t bound, std::uint64_t counter) const {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(bits(counter)) * bound >> 64);
}

std::vector<std::int64_t> random_permutation(std::int64_t size, const CounterRandom& random) {
  std::vector<std::int64_t> permutation(static_cast<std::size_t>(size));
  std::iota(permutation.begin(), permutation.end(), std::int64_t{0});
  for (std::size_t last = permutation.size(); last > 1; --last)
    std::swap(permutation[last - 1], permutation[random.below(last, last)]);
  return permutation;
}

}  // namespace llmtool
