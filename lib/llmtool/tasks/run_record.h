#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool {

inline constexpr const char* kRunRecordName = "llmtool.lock.json";

// llmtool.lock.json: what a run computes and from what. Written before the first step, so that the same command run
// again knows whether it continues this run.
struct RunRecord {
  RunConfig config;                           // effective
  std::map<std::string, std::string> hashes;  // "data.train", "tokenizer", "model", …: SHA-256 of the content
  Json environment = Json::object();          // versions, processor, threads, device
};

// What a record says of the files of its run.
struct RecordedOutputs {
  std::optional<FileDigests> files;  // nothing before the run is finished, and of runs of earlier versions
  bool has_checksum = false;         // of the record itself; earlier versions wrote none
};

// Throws ResourceError.
void write_run_record(const std::filesystem::path& run_directory, const RunRecord& record);
// Adds what the finished run consists of; the rest of the file stays. Throws ResourceError, ModelError.
void record_outputs(const std::filesystem::path& run_directory, const FileDigests& outputs);
// Takes them away again, for a run that goes on. Throws ResourceError, ModelError.
void forget_outputs(const std::filesystem::path& run_directory);
// Throws ModelError when the file is damaged or of a version this one cannot read.
RunRecord read_run_record(const std::filesystem::path& run_directory);
// Throws ModelError when the record is not as it was written, or what it lists cannot be the outputs of a run.
RecordedOutputs read_recorded_outputs(const std::filesystem::path& run_directory);
// Of the tokenizer that a model folder's model was trained with; nothing where no run of llmtool wrote it. Throws
// ModelError when the file is damaged.
std::optional<std::string> recorded_tokenizer_hash(const std::filesystem::path& model_directory);

// Whatever makes `asked` another computation than `recorded`, one line each; empty when they are the same run.
std::vector<std::string> describe_differences(const RunRecord& recorded, const RunRecord& asked);
// The same of a config that is not resolved yet, before any data is read: what it leaves open is no difference, and is
// compared once it is filled.
std::vector<std::string> describe_differences(const RunConfig& recorded, const RunConfig& asked);

// Which columns of a file to read; what is unset is found by resolve_columns().
struct ColumnChoice {
  std::optional<bool> header;      // CSV and TSV: the first row names the columns
  std::vector<std::string> text;   // empty: unset
  std::vector<std::string> label;  // empty: unset
};

// Fills what is unset with what the model was trained with (llmtool.lock.json), else `text`, `label` and a header.
// Throws ModelError when llmtool.lock.json is damaged.
ColumnChoice resolve_columns(ColumnChoice choice, const std::filesystem::path& model_directory);

// All columns of texts the model was trained with, also those that its task does not read together; empty for a model
// that this tool did not train. Throws as resolve_columns().
std::vector<std::string> trained_text_columns(const std::filesystem::path& model_directory);

}  // namespace llmtool
