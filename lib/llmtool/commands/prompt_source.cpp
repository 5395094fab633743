#include "llmtool/commands/prompt_source.h"

#include <poll.h>
#include <unistd.h>

#include <utility>

namespace llmtool {
namespace {

// Long enough for the next lines of a program that writes without pause, too short to be noticed at a terminal.
constexpr int kMomentMilliseconds = 20;

class PromptSource : public ByteSource {
 public:
  PromptSource(std::unique_ptr<ByteSource> source, std::function<void()> before_waiting)
      : source_(std::move(source)), before_waiting_(std::move(before_waiting)) {}

  std::size_t read(char* destination, std::size_t size) override {
    pollfd standard_input{STDIN_FILENO, POLLIN, 0};
    if (poll(&standard_input, 1, kMomentMilliseconds) == 0) before_waiting_();
    return source_->read(destination, size);
  }
  const std::string& name() const override { return source_->name(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::function<void()> before_waiting_;
};

}  // namespace

std::unique_ptr<ByteSource> open_prompt_bytes(const std::string& path, std::function<void()> before_waiting) {
  std::unique_ptr<ByteSource> source = open_bytes(path);
  if (path != "-") return source;
  return std::make_unique<PromptSource>(std::move(source), std::move(before_waiting));
}

}  // namespace llmtool
