#include "compute.h"
#include "llmtool/core/file_system.h"
#include "run_config_file.h"
#include "verb.h"

namespace llmtool::app {
namespace {

// `llmtool finetune` and `llmtool pretrain`: the same run of different tasks.
class TrainingVerb : public RequestVerb<TrainingRunOptions> {
 public:
  explicit TrainingVerb(bool is_pretraining) { request_.is_pretraining = is_pretraining; }

  ExitCode run(Context& context) override {
    // Whatever is wrong with the config is told before LibTorch is loaded. A pipe can be read only once, by the program
    // that trains.
    if (work<TrainingRunOptions> == nullptr && can_be_read_again(request_.config)) read_training_config(request_);
    return compute(request_, context);
  }
  bool can_be_continued() const override { return true; }
  std::string_view memory_advice() const override {
    return "use a smaller training.batch_size (or tokens_per_batch) or tokenizer.max_length, or a machine with more "
           "memory";
  }
};

}  // namespace

std::unique_ptr<Verb> make_finetune_verb() { return std::make_unique<TrainingVerb>(false); }
std::unique_ptr<Verb> make_pretrain_verb() { return std::make_unique<TrainingVerb>(true); }

}  // namespace llmtool::app
