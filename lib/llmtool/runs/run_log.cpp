#include "llmtool/runs/run_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

const char* level_name(LogLevel level) {
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<int>(level)];
}

std::string time_stamp() {
  const std::time_t now = std::time(nullptr);
  std::tm calendar{};
  gmtime_r(&now, &calendar);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &calendar);
  return text;
}

// Lines are not added to a file that is elsewhere too.
std::FILE* open_for_appending(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  struct stat status {};
  const bool is_link = descriptor < 0 ? errno == ELOOP : fstat(descriptor, &status) == 0 && status.st_nlink > 1;
  const int reason = errno;
  if (is_link && descriptor >= 0) close(descriptor);
  if (is_link)
    throw ResourceError(path.string() +
                        " is a link, and the log of a run would be added to the file behind it; remove it");
  std::FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "a");
  if (file == nullptr) throw ResourceError("cannot write " + path.string() + ": " + std::strerror(reason));
  return file;
}

}  // namespace

RunLog::RunLog(EventSink& next, const std::filesystem::path& path)
    : next_(next), path_(path), file_(open_for_appending(path)) {}

RunLog::~RunLog() { std::fclose(file_); }

void RunLog::log(LogLevel level, const std::string& message, const Json& fields) {
  next_.log(level, message, fields);
  const int written =
      std::fprintf(file_, "%s %s %s\n", time_stamp().c_str(), level_name(level), printable_message(message).c_str());
  if (written < 0 || std::fflush(file_) != 0) tell_of_failure(errno);
}

// A full disk must not end a run for the sake of its log.
void RunLog::tell_of_failure(int error_number) {
  if (!std::exchange(has_failed_, true))
    next_.warning("cannot write " + path_.string() + ": " + std::strerror(error_number) + "; lines are missing there");
}

}  // namespace llmtool
