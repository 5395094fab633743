#include <unistd.h>

#include <array>
#include <chrono>

#include "llmtool/formats/tensorboard.h"
#include "llmtool/training/training_log.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("localhost");
}

// transformers/integrations: rewrite_logs.
std::string tag(const std::string& name) {
  return name.rfind("eval_", 0) == 0 ? "eval/" + name.substr(5) : "train/" + name;
}

// Each process of a resumed run writes a file of its own; TensorBoard shows them as one run.
class TensorboardLog : public TrainingLog {
 public:
  explicit TensorboardLog(fs::path directory) : directory_(std::move(directory)) {}

  void start_after(std::int64_t) override {
    const double now = seconds_since_epoch();
    const std::string name = event_file_name(static_cast<std::int64_t>(now), host_name(), getpid());
    writer_ = std::make_unique<EventFileWriter>(directory_ / name, now);
  }

  void add(std::int64_t step, double epoch, const Scalars& scalars) override {
    const double now = seconds_since_epoch();
    for (const auto& [name, value] : scalars) writer_->add_scalar(tag(name), value, step, now);
    writer_->add_scalar("train/epoch", epoch, step, now);
    writer_->flush();
  }

 private:
  fs::path directory_;
  std::unique_ptr<EventFileWriter> writer_;
};

}  // namespace

std::unique_ptr<TrainingLog> make_tensorboard_log(const fs::path& directory) {
  return std::make_unique<TensorboardLog>(directory);
}

}  // namespace llmtool
