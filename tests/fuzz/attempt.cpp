#include "attempt.h"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>

#include "../support/rounds.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/random.h"
#include "llmtool/core/text.h"

// Sanitizers have an operator new of their own that must not be replaced, and slow everything down.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LLMTOOL_COUNTS_MEMORY 0
#else
#define LLMTOOL_COUNTS_MEMORY 1
#endif

namespace {

std::atomic<std::size_t> bytes_in_use{0};
std::atomic<std::size_t> most_bytes_in_use{0};

}  // namespace

#if LLMTOOL_COUNTS_MEMORY

namespace {

// More than any test may need; a hostile size must not bring the machine down.
constexpr std::size_t kMostMemory = std::size_t{2} << 30;

void* counted(std::size_t size) {
  void* const block = size > kMostMemory || bytes_in_use > kMostMemory ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  const std::size_t sum = bytes_in_use += malloc_usable_size(block);
  std::size_t most = most_bytes_in_use;
  while (sum > most && !most_bytes_in_use.compare_exchange_weak(most, sum)) {
  }
  return block;
}

void release(void* block) {
  if (block != nullptr) bytes_in_use -= malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }

#endif

namespace llmtool::testing {
namespace {

// Of a config everything that is wrong is told, a line each.
constexpr std::size_t kLongestLine = 2000;
constexpr std::size_t kLongestMessage = 20'000;
constexpr unsigned kHangSeconds = 120;
constexpr double kSlowdown = LLMTOOL_COUNTS_MEMORY ? 1.0 : 20.0;

// What is being tried, for a crash or a hang.
char current_attempt[200];

[[noreturn]] void tell_and_end(int signal) {
  static const char kText[] = "\nended while trying ";
  static_cast<void>(!write(STDERR_FILENO, kText, sizeof(kText) - 1));
  static_cast<void>(!write(STDERR_FILENO, current_attempt, sizeof(current_attempt)));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  _exit(1);
}

bool is_documented(ExitCode code) {
  return code == ExitCode::kUsage || code == ExitCode::kConfig || code == ExitCode::kData || code == ExitCode::kModel ||
         code == ExitCode::kResources;
}

// Line feeds stand between several things that are wrong with a config.
bool is_control(char32_t code_point) {
  return (code_point < 0x20 && code_point != U'\n') || (code_point >= 0x7f && code_point < 0xa0);
}

std::optional<std::string> find_problem(const Error& error) {
  const std::string message = printable_message(error.what());  // as it is shown
  const std::string shown = ": " + quote(message.substr(0, 200));
  if (!is_documented(error.exit_code()))
    return "exit code " + std::to_string(static_cast<int>(error.exit_code())) + shown;
  if (find_invalid_utf8(message)) return "a message that is not UTF-8" + shown;
  std::size_t count = 0;
  std::size_t in_line = 0;
  for (std::size_t position = 0; position < message.size(); ++count) {
    const char32_t code_point = decode_utf8(message, position);
    if (is_control(code_point)) return "a control character in a message" + shown;
    in_line = code_point == U'\n' ? 0 : in_line + 1;
    if (in_line > kLongestLine) return "a line of more than 2,000 characters" + shown;
  }
  if (count > kLongestMessage) return "a message of " + std::to_string(count) + " characters" + shown;
  if (count == 0) return "an empty message";
  return std::nullopt;
}

std::optional<std::string> find_problem_of_end(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    return find_problem(error);
  } catch (const std::bad_alloc&) {
    return "out of memory";
  } catch (const std::exception& error) {
    return std::string("an exception that is none of ours: ") + quote(error.what());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_problem(const std::function<void()>& read, const Limits& limits) {
  const std::size_t before = bytes_in_use;
  most_bytes_in_use = before;
  const std::clock_t start = std::clock();  // of the processor: other programs do not count
  alarm(kHangSeconds);
  const auto problem = find_problem_of_end(read);
  alarm(0);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const std::size_t bytes = most_bytes_in_use - before;
  if (problem) return problem;
  if (seconds > limits.seconds * kSlowdown) return "it takes " + std::to_string(seconds) + " s";
  if (bytes > limits.bytes) return "it takes " + std::to_string(bytes >> 20) + " MiB";
  return std::nullopt;
}

void try_damage(const std::string& reader, std::int64_t usual_rounds, const Attempt& attempt, const Limits& limits) {
  std::signal(SIGALRM, tell_and_end);
  std::signal(SIGSEGV, tell_and_end);
  std::signal(SIGABRT, tell_and_end);
  const std::uint64_t seed = first_seed();
  const CounterRandom seeds(seed, 0);
  const char* only = std::getenv("LLMTOOL_TORTURE_ROUND");
  const std::int64_t first = only == nullptr ? 0 : std::atoll(only);
  const std::int64_t last = only == nullptr ? num_rounds(usual_rounds) : first + 1;
  for (std::int64_t round = first; round < last; ++round) {
    const std::string name = reader + ", LLMTOOL_TORTURE_SEED=" + std::to_string(seed) +
                             " LLMTOOL_TORTURE_ROUND=" + std::to_string(round) + "\n";
    std::snprintf(current_attempt, sizeof(current_attempt), "%s", name.c_str());
    Mutation mutation(seeds.bits(static_cast<std::uint64_t>(round)));
    const std::function<void()> read = attempt(mutation);
    const auto problem = find_problem(read, limits);
    INFO(name);
    if (problem) FAIL_CHECK(*problem);
  }
  for (const int signal : {SIGALRM, SIGSEGV, SIGABRT}) std::signal(signal, SIG_DFL);
}

}  // namespace llmtool::testing
