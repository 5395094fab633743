#include <CLI/CLI.hpp>

#include "llmtool/commands/run_verification.h"
#include "llmtool/core/errors.h"
#include "verb.h"

namespace llmtool::app {
namespace {

std::string line_of(const VerifiedFile& file) {
  switch (file.state) {
    case VerifiedState::kOk:
      return "ok       " + file.name;
    case VerifiedState::kChanged:
      return "changed  " + file.name;
    case VerifiedState::kDamaged:
      return "damaged  " + file.name + ": " + file.problem;
    case VerifiedState::kMissing:
      break;
  }
  return "missing  " + file.name;
}

class VerifyVerb : public Verb {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("directory", directory_, "Folder of a run, or one of its checkpoints")
        ->required()
        ->type_name("DIRECTORY");
  }

  ExitCode run(Context& context) override {
    const FolderVerification result = verify_folder(directory_);
    if (!result.has_recorded_outputs)
      context.log().warning(
          directory_ +
          ": no hashes of a finished run are recorded here (it is unfinished, or an earlier version of "
          "llmtool finished it); only its checkpoints are looked at");
    print_result(result, context);
    if (result.num_lost() == 0) return ExitCode::kOk;
    throw ModelError(directory_ + ": " + std::to_string(result.num_lost()) + " of " +
                     std::to_string(result.files.size()) + " files are damaged or missing; take them from a copy" +
                     (context.common.json ? "" : " (see above)"));
  }

 private:
  static void print_result(const FolderVerification& result, const Context& context) {
    if (context.common.json) return print_json(result.to_json());
    std::string text;
    for (const VerifiedFile& file : result.files) text += line_of(file) + "\n";
    print(text);
  }

  std::string directory_;
};

}  // namespace

std::unique_ptr<Verb> make_verify_verb() { return std::make_unique<VerifyVerb>(); }

}  // namespace llmtool::app
