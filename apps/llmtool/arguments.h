#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llmtool::app {

// The command line of each computing verb, as parsed; empty means not given.

// Of finetune and pretrain.
struct TrainingArguments {
  bool is_pretraining = false;  // which of the two
  std::string config;
  std::vector<std::string> overrides;  // --set path.to.key=value
  std::string resume = "auto";         // auto, never
  bool overwrite = false;
  bool log_data = false;
  bool profile = false;
};

// How the rows of a file are read; see add_table_options().
struct TableArguments {
  std::string delimiter = "auto";
  std::int64_t max_row_mib = 16;
};

// How a model computes its answers: of eval, predict and embed.
struct SessionArguments {
  std::string model;
  std::optional<std::int64_t> max_length;
  std::int64_t batch_size = 64;
  std::string precision = "fp32";
};

struct EvalArguments : SessionArguments {
  std::string data;
  TableArguments table;
  std::string format = "auto";
  bool no_header = false;
  std::vector<std::string> text_columns;
  std::string label_column;
  std::string unknown_label = "error";
  std::optional<std::int64_t> max_rows;
  std::string positive_label;
  std::string predictions;
  std::vector<std::string> requirements;  // --require macro_f1>=0.8
  // Language models
  std::string document;
  std::string packing;
  std::optional<std::int64_t> stride;
  bool pseudo_perplexity = false;
};

// Of predict and embed.
struct AnsweredRowsArguments : SessionArguments {
  std::string input;
  TableArguments table;
  std::string output = "-";
  std::string format = "auto";
  std::string output_format = "auto";
  bool no_header = false;
  std::vector<std::string> text_columns;
  std::string rejects;
  std::string prefix;
};

struct PredictArguments : AnsweredRowsArguments {
  bool fill_mask = false;
  std::optional<std::int64_t> top_k;
};

struct EmbedArguments : AnsweredRowsArguments {
  std::string pooling;  // "": as the model says
  bool normalize = false, no_normalize = false;
  std::optional<std::string> prompt, prompt_name;
};

struct GenerateArguments {
  std::string model;
  std::vector<std::string> prompts;
  std::string input;
  TableArguments table;
  std::string format = "auto";
  std::string text_column = "text";
  std::optional<std::int64_t> max_new_tokens;
  std::optional<double> temperature;
  std::optional<std::int64_t> top_k;
  std::optional<double> top_p;
  std::optional<double> repetition_penalty;
  std::optional<std::int64_t> num_beams;
  std::optional<double> length_penalty;
  bool early_stopping = false;
  bool ignore_generation_config = false;
  std::vector<std::string> stop_strings;
  std::int64_t seed = 42;
  std::int64_t batch_size = 8;
};

struct ConvertArguments {
  std::string model;
  std::string output;
  std::string head;
  std::string dtype = "fp32";
  std::vector<std::string> ignore;
};

}  // namespace llmtool::app
