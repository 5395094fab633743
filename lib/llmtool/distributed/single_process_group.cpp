#include "llmtool/distributed/process_group.h"

namespace llmtool {
namespace {

class SingleProcessGroup : public ProcessGroup {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t world_size() const override { return 1; }
  void sum_over_ranks(std::span<double>) override {}
  void sum_over_ranks(const std::vector<at::Tensor>&) override {}
  void barrier() override {}
};

}  // namespace

std::unique_ptr<ProcessGroup> make_single_process_group() { return std::make_unique<SingleProcessGroup>(); }

}  // namespace llmtool
