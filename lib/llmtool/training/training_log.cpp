#include "llmtool/training/training_log.h"

namespace llmtool {
namespace {

class SilentLog : public TrainingLog {
 public:
  void start_after(std::int64_t) override {}
  void add(std::int64_t, double, const Scalars&) override {}
};

class JoinedLogs : public TrainingLog {
 public:
  explicit JoinedLogs(std::vector<std::unique_ptr<TrainingLog>> logs) : logs_(std::move(logs)) {}
  void start_after(std::int64_t step) override {
    for (const auto& log : logs_) log->start_after(step);
  }
  void add(std::int64_t step, double epoch, const Scalars& scalars) override {
    for (const auto& log : logs_) log->add(step, epoch, scalars);
  }

 private:
  std::vector<std::unique_ptr<TrainingLog>> logs_;
};

}  // namespace

std::unique_ptr<TrainingLog> make_silent_log() { return std::make_unique<SilentLog>(); }

std::unique_ptr<TrainingLog> join_logs(std::vector<std::unique_ptr<TrainingLog>> logs) {
  return std::make_unique<JoinedLogs>(std::move(logs));
}

}  // namespace llmtool
