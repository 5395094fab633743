#pragma once

#include <string>
#include <vector>

#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/post_processor.h"
#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {

// A setting of tokenizer_config.json that says otherwise than tokenizer.json, which counts.
struct SettingConflict {
  std::string key;
  std::string message;  // one line with both values
};

// Compares what transformers' classes would build from tokenizer_config.json with the pipeline of a tokenizer.json.
// Empty where there is no tokenizer.json: there the settings are obeyed.
std::vector<SettingConflict> find_setting_conflicts(const TokenizerFiles& files, const TokenizerModel& model,
                                                    const PostProcessor& post_processor);

// Throws ModelError for a setting that changes ids and is not supported.
void refuse_unsupported_settings(const TokenizerFiles& files);

}  // namespace llmtool
