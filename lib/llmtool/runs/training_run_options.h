#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

namespace llmtool {

// Whether an unfinished run of the same config is continued.
enum class Resume { kAuto, kNever };

template <>
struct EnumNames<Resume> {
  static constexpr std::array kNames{std::pair{Resume::kAuto, std::string_view("auto")},
                                     std::pair{Resume::kNever, std::string_view("never")}};
};

// What `llmtool finetune` and `llmtool pretrain` are told.
struct TrainingRunOptions {
  bool is_pretraining = false;  // which of the two: no option
  std::string config;
  std::vector<std::string> overrides;  // path.to.key=value
  Resume resume = Resume::kAuto;
  bool overwrite = false;
  bool profile = false;
  bool log_data = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("config", self.config, "Run config, YAML or JSON", kRequired,
          OptionForm{.value = "CONFIG", .is_positional = true});
    visit("set", self.overrides, "Override one key of the config: path.to.key=value; may be repeated",
          OptionForm{.value = "KEY=VALUE"});
    visit("resume", self.resume, "auto continues an unfinished run of the same config; never refuses to: auto, never",
          OptionForm{.value = "WHEN"});
    visit("overwrite", self.overwrite, "Delete what an earlier run left in output_dir and start anew");
    visit("profile", self.profile, "Measure and print where the time of a training step goes");
    visit("log_data", self.log_data, "Log three decoded training inputs at the start");
  }
};

}  // namespace llmtool
