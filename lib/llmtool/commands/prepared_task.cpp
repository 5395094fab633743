#include "llmtool/commands/prepared_task.h"

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

}  // namespace

std::string weights_hash(const std::string& directory) {
  Sha256 hash;
  const auto checkpoint = open_checkpoint(directory);
  for (const std::filesystem::path& file : checkpoint->files()) hash.update(sha256_of_file(file));
  return hash.hex_digest();
}

EpochOrder make_epoch_order(const RunConfig& config, std::vector<std::int64_t> lengths) {
  const TrainingOptions& options = config.training.trainer;
  const Sampler sampler(sample_order(options), std::move(lengths), options.batch_size * options.accumulation,
                        static_cast<std::uint64_t>(config.seed));
  return [sampler](std::int64_t epoch) { return sampler.epoch_order(epoch); };
}

}  // namespace llmtool
