#include "llmtool/commands/prepared_task.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "llmtool/core/hashing.h"
#include "llmtool/data/sampler.h"
#include "llmtool/formats/checkpoint.h"

namespace llmtool {
namespace {

SampleOrder sample_order(const TrainingOptions& options) {
  if (options.group_by_length) return SampleOrder::kGroupedByLength;
  return options.shuffle ? SampleOrder::kShuffled : SampleOrder::kSequential;
}

// Examples of a micro-batch, on average.
std::int64_t mean_batch_size(const TrainingOptions& options, std::span<const std::int64_t> lengths) {
  if (!options.tokens_per_batch || lengths.empty()) return options.batch_size;
  const std::int64_t num_tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  const double examples = static_cast<double>(*options.tokens_per_batch) * static_cast<double>(lengths.size()) /
                          static_cast<double>(std::max<std::int64_t>(num_tokens, 1));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(examples), 1, static_cast<std::int64_t>(lengths.size()));
}

}  // namespace

std::string weights_hash(const std::string& directory) {
  Sha256 hash;
  const auto checkpoint = open_checkpoint(directory);
  for (const std::filesystem::path& file : checkpoint->files()) hash.update(sha256_of_file(file));
  return hash.hex_digest();
}

EpochOrder make_epoch_order(const RunConfig& config, std::vector<std::int64_t> lengths) {
  const TrainingOptions& options = config.training.trainer;
  const std::int64_t step_size = mean_batch_size(options, lengths) * options.accumulation;
  const Sampler sampler(sample_order(options), std::move(lengths), step_size, static_cast<std::uint64_t>(config.seed));
  return [sampler](std::int64_t epoch) { return sampler.epoch_order(epoch); };
}

}  // namespace llmtool
