#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "context.h"
#include "options.h"

namespace llmtool::app {

// One verb of the command line, or one action of a verb: its options and what it does. run() returns the exit code of a
// job that ended as documented; what goes wrong is thrown.
class Verb {
 public:
  virtual ~Verb() = default;
  virtual void add_options(CommandOptions& options) = 0;
  virtual ExitCode run(Context& context) = 0;
  // Whether the same command, run again, goes on where this one was stopped.
  virtual bool can_be_continued() const { return false; }
  // What to do when memory does not suffice.
  virtual std::string_view memory_advice() const { return "use a machine with more memory"; }
};

// A verb whose options are the fields of one struct.
template <HasFields Request>
class RequestVerb : public Verb {
 public:
  explicit RequestVerb(Request request = {}) : request_(std::move(request)) {}
  void add_options(CommandOptions& options) override { options.add(request_); }

 protected:
  Request request_;
};

// For verbs that are told nothing but the common options.
struct NoOptions {
  template <class Self, class Visitor>
  static void visit_fields(Self&, Visitor&) {}
};

template <class Kind>
std::unique_ptr<Verb> make_verb() {
  return std::make_unique<Kind>();
}

struct VerbRow {
  const char* name;
  const char* summary;
  const char* example;
  std::unique_ptr<Verb> (*make)();
};

// A verb of which one action is to be chosen: `llmtool config show`.
class VerbOfActions : public Verb {
 public:
  explicit VerbOfActions(const std::vector<VerbRow>& rows) : rows_(rows) {}
  void add_options(CommandOptions& options) override {
    for (const VerbRow& row : rows_) {
      CommandOptions action = options.add_action(row.name, row.summary, row.example);
      actions_.emplace_back(action, row.make());
      actions_.back().second->add_options(action);
    }
  }
  ExitCode run(Context& context) override {
    for (const auto& [options, action] : actions_)
      if (options.is_chosen()) return action->run(context);
    return ExitCode::kOk;
  }

 private:
  std::vector<VerbRow> rows_;
  std::vector<std::pair<CommandOptions, std::unique_ptr<Verb>>> actions_;
};

// Every verb in the order of --help. The parser, the completion script and the manual page are made from it.
const std::vector<VerbRow>& verb_table();

}  // namespace llmtool::app
