#include <cerrno>
#include <cstdio>
#include <cstring>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/training/training_log.h"

namespace llmtool {
namespace {

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

}  // namespace

std::unique_ptr<TrainingLog> make_metrics_file_log(const fs::path& path) {
  return std::make_unique<MetricsFileLog>(path);
}

}  // namespace llmtool
