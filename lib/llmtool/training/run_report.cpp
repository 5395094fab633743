#include "llmtool/training/run_report.h"

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

namespace {

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

}  // namespace

void RunReport::add_step(TrainerState& state, const StepOutcome& outcome, double learning_rate, double seconds) {
  state.loss_sum += outcome.loss;
  state.num_examples += outcome.num_examples;
  state.num_tokens += outcome.num_tokens;
  ++state.window_steps;
  for (const auto& [name, value] : outcome.terms) state.window_terms[name] += value;
  window_.num_tokens += outcome.num_tokens;
  window_.num_rows += outcome.num_rows;
  window_.seconds += seconds;
  window_.data_seconds += outcome.data_seconds;
  events_.progress({"training", state.step, state.total_steps, "steps", pace_text(outcome.loss)});
  if (state.step % log_every_ == 0 || state.step == state.total_steps) write_line(state, outcome, learning_rate);
}

// Losses are means over the steps since the last line; gradient norm and learning rate are this step's.
void RunReport::write_line(TrainerState& state, const StepOutcome& outcome, double learning_rate) {
  const auto steps = static_cast<double>(state.window_steps);
  double loss = 0.0;
  for (const auto& [name, sum] : state.window_terms) loss += sum / steps;
  Scalars scalars{{"loss", loss}};
  if (state.window_terms.size() > 1)
    for (const auto& [name, sum] : state.window_terms) scalars.emplace_back("loss_" + name, sum / steps);
  scalars.emplace_back("learning_rate", learning_rate);
  scalars.emplace_back("grad_norm", outcome.gradient_norm);
  scalars.emplace_back("tokens_per_second", tokens_per_second());
  scalars.emplace_back("share_padding", share_padding());
  scalars.emplace_back("share_waiting", share_waiting());
  log_.add(state.step, state.epoch, scalars);
  Json fields{{"step", state.step}, {"epoch", state.epoch}};
  for (const auto& [name, value] : scalars) fields[name] = value;
  events_.debug("step " + std::to_string(state.step) + "  " + pace_text(loss), fields);
  state.window_steps = 0;
  state.window_terms.clear();
  window_ = {};
}

void RunReport::add_evaluation(const TrainerState& state, const MetricReport& report, const std::string& goal) {
  Scalars scalars;
  for (const Metric& metric : report.metrics)
    if (metric.value) scalars.emplace_back("eval_" + metric.name, *metric.value);
  log_.add(state.step, state.epoch, scalars);
  const Metric* metric = report.find(goal);
  const std::string value = metric->value ? rounded(*metric->value) : "undefined (" + metric->reason + ")";
  const bool is_best = state.best_step == state.step;
  events_.info("step " + std::to_string(state.step) + ": " + goal + " " + value + (is_best ? ", the best so far" : ""),
               report.to_json());
  if (state.stopped_early)
    events_.info("stopping early: no improvement in " + std::to_string(state.evaluations_without_improvement) +
                 " evaluations; the best was after step " + std::to_string(state.best_step));
}

double RunReport::tokens_per_second() const {
  return window_.seconds > 0.0 ? static_cast<double>(window_.num_tokens) / window_.seconds : 0.0;
}

double RunReport::share_waiting() const { return window_.seconds > 0.0 ? window_.data_seconds / window_.seconds : 0.0; }

double RunReport::share_padding() const {
  if (window_.num_rows == 0) return 0.0;
  return 1.0 - static_cast<double>(window_.num_tokens) / static_cast<double>(window_.num_rows);
}

std::string RunReport::pace_text(double loss) const {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "loss %.4f  %.0f tokens/s  padding %.0f %%  waiting for data %.0f %%", loss,
                tokens_per_second(), 100.0 * share_padding(), 100.0 * share_waiting());
  return text.data();
}

}  // namespace llmtool
