#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/runs/run_verification.h"
#include "verb.h"

namespace llmtool::app {
namespace {

std::string line_of(const VerifiedFile& file) {
  switch (file.state) {
    case VerifiedState::kOk:
      return "ok         " + file.name;
    case VerifiedState::kChanged:
      return "changed    " + file.name;
    case VerifiedState::kRemoved:
      return "removed    " + file.name;
    case VerifiedState::kUnchecked:
      return "unchecked  " + file.name + ": " + file.problem;
    case VerifiedState::kDamaged:
      return "damaged    " + file.name + ": " + file.problem;
    case VerifiedState::kMissing:
      break;
  }
  return "missing    " + file.name;
}

// Why nothing, or only checkpoints, can be compared; empty when all can.
std::string limits_of(RecordedHashes recorded) {
  switch (recorded) {
    case RecordedHashes::kUnfinished:
      return "no hashes of a finished run are recorded here: it is unfinished; only its checkpoints are looked at";
    case RecordedHashes::kEarlierVersion:
      return "no hashes of a finished run are recorded here: an earlier version of llmtool finished it, so that its "
             "files cannot be verified; only its checkpoints are looked at";
    default:
      return "";
  }
}

struct VerifyOptions {
  std::string directory;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("directory", self.directory, "Folder of a run, or one of its checkpoints", kRequired,
          OptionForm{.value = "DIRECTORY", .is_positional = true});
  }
};

class VerifyVerb : public RequestVerb<VerifyOptions> {
 public:
  ExitCode run(Context& context) override {
    const FolderVerification result = verify_folder(request_.directory);
    const std::string limits = limits_of(result.recorded);
    if (!limits.empty()) context.log().warning(request_.directory + ": " + limits);
    print_result(result, context);
    if (result.num_lost() > 0) throw ModelError(damage_message(result, context));
    if (result.recorded == RecordedHashes::kAbsent)
      throw ModelError(request_.directory + " cannot be verified: " + kNoRunFinished + "; " + kFinishAgain);
    return ExitCode::kOk;
  }

 private:
  std::string damage_message(const FolderVerification& result, const Context& context) const {
    std::vector<VerifiedFile> lost = result.files;
    std::erase_if(lost, [](const VerifiedFile& file) { return !file.is_lost(); });
    const std::string advice = result.recorded == RecordedHashes::kOfCheckpoint
                                   ? "take them from a copy; its run goes on from the newest checkpoint that is whole"
                                   : damage_advice(request_.directory, lost);
    return request_.directory + ": " + std::to_string(result.num_lost()) + " of " +
           std::to_string(result.num_checked()) + " files are damaged or missing" +
           (context.common.json ? "" : " (see above)") + "; " + advice;
  }

  void print_result(const FolderVerification& result, const Context& context) const {
    if (context.common.json) return print_json(result.to_json());
    std::string text;
    for (const VerifiedFile& file : result.files) text += line_of(file) + "\n";
    print(text + request_.directory + " is " + std::string(outcome_name(result.outcome())) + "\n");
  }
};

}  // namespace

std::unique_ptr<Verb> make_verify_verb() { return std::make_unique<VerifyVerb>(); }

}  // namespace llmtool::app
