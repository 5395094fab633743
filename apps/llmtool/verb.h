#pragma once

#include <memory>
#include <string>
#include <vector>

#include "context.h"

namespace CLI {
class App;
}

namespace llmtool::app {

// One verb of the command line: its options and what it does. run() returns the exit code of a job that ended as
// documented; what goes wrong is thrown.
class Verb {
 public:
  virtual ~Verb() = default;
  virtual void add_options(CLI::App& app) = 0;
  virtual ExitCode run(Context& context) = 0;
  // Whether the same command, run again, goes on where this one was stopped.
  virtual bool can_be_continued() const { return false; }
};

struct VerbRow {
  const char* name;
  const char* summary;
  const char* example;
  std::unique_ptr<Verb> (*make)();
};

// Every verb in the order of --help. The parser, the completion script and the manual page are made from it.
const std::vector<VerbRow>& verb_table();

std::unique_ptr<Verb> make_pretrain_verb();
std::unique_ptr<Verb> make_finetune_verb();
std::unique_ptr<Verb> make_eval_verb();
std::unique_ptr<Verb> make_predict_verb();
std::unique_ptr<Verb> make_embed_verb();
std::unique_ptr<Verb> make_generate_verb();
std::unique_ptr<Verb> make_convert_verb();
std::unique_ptr<Verb> make_verify_verb();
std::unique_ptr<Verb> make_config_verb();
std::unique_ptr<Verb> make_tokenizer_verb();
std::unique_ptr<Verb> make_env_verb();
std::unique_ptr<Verb> make_completion_verb();
std::unique_ptr<Verb> make_man_verb();

}  // namespace llmtool::app
