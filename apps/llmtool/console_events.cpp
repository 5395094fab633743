#include "console_events.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "crash_report.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBarInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(5);
constexpr int kBarCells = 24;

bool is_capable_terminal() { return isatty(STDERR_FILENO) == 1 && environment("TERM").value_or("dumb") != "dumb"; }

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make_logger(const CommonOptions& common) {
  const bool colors = is_capable_terminal() && !environment("NO_COLOR") && common.log_format == LogFormat::kText;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_st>(colors ? spdlog::color_mode::always
                                                                           : spdlog::color_mode::never);
  auto logger = std::make_shared<spdlog::logger>("llmtool", std::move(sink));
  logger->set_pattern(common.log_format == LogFormat::kJson ? "%v" : "%H:%M:%S %^%v%$");
  logger->set_level(common.quiet ? spdlog::level::err : spdlog_level(common.log_level));
  return logger;
}

std::string amount(const Progress& progress) {
  std::string text = std::to_string(progress.done);
  if (progress.total > 0) text += "/" + std::to_string(progress.total);
  return text + " " + std::string(progress.unit);
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// The line as it may stand on a terminal, still JSON: a string's other control characters are escaped already.
std::string printable_json(const Json& line) {
  std::string text;
  for (const char letter : line.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace)) {
    if (letter == '\x7f') {
      text += "\\u007f";
    } else {
      text += letter;
    }
  }
  return printable(text);
}

}  // namespace

ConsoleEvents::ConsoleEvents(const CommonOptions& common)
    : common_(common),
      logger_(make_logger(common)),
      shows_bar_(is_capable_terminal() && common.log_format == LogFormat::kText) {}

ConsoleEvents::~ConsoleEvents() { erase_bar(); }

void ConsoleEvents::log(LogLevel level, const std::string& message, const Json& fields) {
  const std::lock_guard lock(mutex_);
  write(level, message, fields);
}

void ConsoleEvents::write(LogLevel level, const std::string& message, const Json& fields) {
  if (!logger_->should_log(spdlog_level(level))) return;
  erase_bar();
  if (common_.log_format == LogFormat::kText) {
    const bool plain = level == LogLevel::kInfo || level == LogLevel::kDebug;
    const std::string text = printable_message(message);
    logger_->log(spdlog_level(level), "{}", plain ? text : std::string(enum_name(level)) + ": " + text);
    return;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  Json line = {{"time", seconds}, {"level", enum_name(level)}, {"message", printable_message(message)}};
  if (fields.is_object()) line["fields"] = fields;
  logger_->log(spdlog_level(level), "{}", printable_json(line));
}

void ConsoleEvents::error(const std::string& message, ExitCode exit_code) {
  const std::lock_guard lock(mutex_);
  // A stop is no error: what was done is kept.
  const LogLevel level = exit_code == ExitCode::kStopped ? LogLevel::kWarning : LogLevel::kError;
  write(level, message, Json{{"exit_code", static_cast<int>(exit_code)}});
}

void ConsoleEvents::progress(const Progress& progress) {
  note_progress(progress);
  const std::lock_guard lock(mutex_);
  if (common_.quiet || common_.log_level > LogLevel::kInfo) return;
  const auto now = Clock::now();
  const bool is_new = progress.name != progress_name_;
  const bool is_done = progress.total > 0 && progress.done >= progress.total;
  if (is_new) {
    progress_name_ = progress.name;
    last_shown_ = now;  // short work is never worth a line
    return;
  }
  if (now - last_shown_ < (shows_bar_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval))) return;
  last_shown_ = now;
  if (shows_bar_) {
    if (is_done) erase_bar();
    if (!is_done) draw_bar(progress);
    return;
  }
  const std::string detail = progress.detail.empty() ? "" : "  " + progress.detail;
  write(LogLevel::kInfo, std::string(progress.name) + ": " + amount(progress) + detail,
        Json{{"progress", progress.name}, {"done", progress.done}, {"total", progress.total}});
}

void ConsoleEvents::draw_bar(const Progress& progress) {
  std::string bar;
  if (progress.total > 0) {
    const auto filled = static_cast<int>(std::min<std::int64_t>(kBarCells, kBarCells * progress.done / progress.total));
    for (int cell = 0; cell < kBarCells; ++cell) bar += cell < filled ? "█" : "·";
    bar += "  ";
  }
  const std::string line = std::string(progress.name) + "  " + bar + amount(progress) + "  " + progress.detail;
  std::fprintf(stderr, "\r%s\033[K", shortened(printable(line), terminal_columns() - 2).c_str());
  std::fflush(stderr);
  bar_drawn_ = true;
}

void ConsoleEvents::erase_bar() {
  if (!bar_drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  bar_drawn_ = false;
}

}  // namespace llmtool::app
