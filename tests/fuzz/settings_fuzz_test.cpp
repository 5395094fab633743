// JSON, run configs, records of runs and configs of models.

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "../support/temporary_directory.h"
#include "attempt.h"
#include "llmtool/config/config_file.h"
#include "llmtool/config/reader.h"
#include "llmtool/models/families.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/run_config.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool::testing {
namespace {

TEST_CASE("Damaged JSON is refused or read") {
  const std::string seed =
      R"({"a": [1, -2.5e3, true, null, "é\u20ac\n"], "b": {"c": {}, "d": []}, "": 18446744073709551615})";
  try_damage("JSON", 4000, [&](Mutation& mutation) {
    const std::string text = mutation.below(2) == 0 ? mutation.bytes(seed, seed) : mutation.json(seed);
    return [text] { to_json_text(parse_json(text, "file.json", ExitCode::kModel)); };
  });
}

std::vector<std::string> ready_configs() {
  std::vector<std::string> configs;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(LLMTOOL_SOURCE_DIR) / "configs"))
    if (entry.path().extension() == ".yaml") configs.push_back(read_file(entry.path()));
  std::sort(configs.begin(), configs.end());
  REQUIRE_FALSE(configs.empty());
  return configs;
}

constexpr const char* kJsonConfig =
    R"({"task": "classification", "model": {"from": "m"}, "tokenizer": {"max_length": 64},
  "data": {"train": ["a.csv"], "validation": 0.1, "labels": ["a", "b"]}, "output_dir": "out", "seed": 3,
  "training": {"epochs": 2.5, "batch_size": 8, "time_limit": "4h", "class_weights": {"a": 2.0},
               "optimizer": {"name": "adamw", "learning_rate": 1e-3}, "schedule": {"warmup": 0.1}},
  "evaluation": {"every": "epoch", "early_stopping": {"patience": 2}}, "checkpoint": {"every": "15m"}})";

TEST_CASE("Damaged run configs are refused or read") {
  const auto seeds = ready_configs();
  const TemporaryDirectory folder;
  try_damage("config", 1500, [&](Mutation& mutation) {
    const bool is_json = mutation.below(3) == 0;
    std::string content;
    if (!is_json) content = mutation.bytes(mutation.any_of(seeds), mutation.any_of(seeds));
    if (is_json)
      content = mutation.below(2) == 0 ? mutation.json(kJsonConfig) : mutation.bytes(kJsonConfig, kJsonConfig);
    const auto path = folder.write(is_json ? "run.json" : "run.yaml", content);
    return [path] { read_options<RunConfig>(read_config_file(path)); };
  });
}

TEST_CASE("Damaged records of a run are refused or read") {
  const TemporaryDirectory folder;
  RunRecord record;
  record.config = read_options<RunConfig>(read_config_file(folder.write("run.json", kJsonConfig))).options;
  record.hashes = {{"data.train", "12ab"}, {"tokenizer", "34cd"}, {"model", "56ef"}};
  record.environment = {{"llmtool", "0.1.0"}, {"threads", 2}};
  write_run_record(folder.path(), record);
  const std::string seed = read_file(folder / "llmtool.lock.json");
  try_damage("run record", 1000, [&](Mutation& mutation) {
    folder.write("llmtool.lock.json", mutation.below(3) == 0 ? mutation.bytes(seed, seed) : mutation.json(seed));
    const auto path = folder.path();
    return [path, record] {
      describe_differences(read_run_record(path), record);
      recorded_tokenizer_hash(path);
    };
  });
}

TEST_CASE("Damaged configs of models are refused or read") {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(fixture("models")))
    if (std::filesystem::exists(entry.path() / "config.json")) seeds.push_back(read_file(entry.path() / "config.json"));
  std::sort(seeds.begin(), seeds.end());
  REQUIRE_FALSE(seeds.empty());
  const TemporaryDirectory folder;
  try_damage("config.json", 1500, [&](Mutation& mutation) {
    const std::string& seed = mutation.any_of(seeds);
    folder.write("config.json", mutation.below(3) == 0 ? mutation.bytes(seed, seed) : mutation.json(seed));
    const auto path = folder.path();
    return [path] {
      Json config = read_model_config(path);
      const std::string file = model_config_path(path);
      const Family& family = find_family(config, file);
      family.dimensions(config, file);
      read_labels(config, file);
      family.override_dropout(config, {}, HeadKind::kNone);
    };
  });
}

}  // namespace
}  // namespace llmtool::testing
