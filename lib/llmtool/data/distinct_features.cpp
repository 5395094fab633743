#include "llmtool/data/distinct_features.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "llmtool/core/hashing.h"
#include "llmtool/data/encode_records.h"

namespace llmtool {
namespace {

std::string_view bytes_of(std::span<const std::int32_t> row) {
  return {reinterpret_cast<const char*>(row.data()), row.size_bytes()};
}

}  // namespace

std::vector<std::int64_t> first_equal_features(const EncodedDataset& dataset) {
  const auto& input_ids = dataset.column<std::int32_t>(kInputIds);
  const auto& type_ids = dataset.column<std::int32_t>(kTokenTypeIds);
  const auto hash = [&](std::int64_t feature) {
    return stable_hash(bytes_of(type_ids.row(feature)), stable_hash(bytes_of(input_ids.row(feature))));
  };
  const auto equal = [&](std::int64_t left, std::int64_t right) {
    return std::ranges::equal(input_ids.row(left), input_ids.row(right)) &&
           std::ranges::equal(type_ids.row(left), type_ids.row(right));
  };
  std::unordered_multimap<std::uint64_t, std::int64_t> seen;
  std::vector<std::int64_t> firsts;
  for (std::int64_t feature = 0; feature < dataset.num_features(); ++feature) {
    const std::uint64_t key = hash(feature);
    const auto [begin, end] = seen.equal_range(key);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return equal(entry.second, feature); });
    firsts.push_back(found == end ? feature : found->second);
    if (found == end) seen.emplace(key, feature);
  }
  return firsts;
}

}  // namespace llmtool
