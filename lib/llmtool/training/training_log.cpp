#include "llmtool/training/training_log.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/tensorboard.h"

namespace llmtool {
namespace {

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

namespace fs = std::filesystem;

// The whole lines of `content` up to `last_step`. A line cut off by a crash is dropped with what follows it.
std::string lines_up_to(const std::string& content, std::int64_t last_step) {
  std::size_t begin = 0;
  std::size_t end = 0;
  while ((end = content.find('\n', begin)) != std::string::npos) {
    const Json line = Json::parse(content.begin() + static_cast<std::ptrdiff_t>(begin),
                                  content.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!line.is_object() || line.value("step", std::int64_t{0}) > last_step) break;
    begin = end + 1;
  }
  return content.substr(0, begin);
}

class MetricsFileLog : public TrainingLog {
 public:
  explicit MetricsFileLog(fs::path path) : path_(std::move(path)) {}
  ~MetricsFileLog() override {
    if (stream_ != nullptr) std::fclose(stream_);
  }
  MetricsFileLog(const MetricsFileLog&) = delete;
  MetricsFileLog& operator=(const MetricsFileLog&) = delete;

  void start_after(std::int64_t step) override {
    const std::string kept = step > 0 && path_exists(path_) ? lines_up_to(read_file(path_), step) : std::string();
    write_file_atomically(path_, kept);
    stream_ = std::fopen(path_.c_str(), "abe");
    if (stream_ == nullptr) fail();
  }

  void add(std::int64_t step, double epoch, const Scalars& scalars) override {
    Json line{{"step", step}, {"epoch", epoch}};
    for (const auto& [name, value] : scalars) line[name] = value;
    const std::string text = to_json_text(line) + "\n";
    if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size() || std::fflush(stream_) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw ResourceError("cannot write " + path_.string() + ": " + std::strerror(errno));
  }

  fs::path path_;
  std::FILE* stream_ = nullptr;
};

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

std::unique_ptr<TrainingLog> join_logs(std::vector<std::unique_ptr<TrainingLog>> logs) {
  return std::make_unique<JoinedLogs>(std::move(logs));
}

std::unique_ptr<TrainingLog> make_metrics_file_log(const fs::path& path) {
  return std::make_unique<MetricsFileLog>(path);
}

std::unique_ptr<TrainingLog> make_tensorboard_log(const fs::path& directory) {
  return std::make_unique<TensorboardLog>(directory);
}

}  // namespace llmtool
