// Runs a command and counts the calls to the kernel by which it changes or opens files below a folder. One of them can
// be made to fail, or a signal sent when it is reached. Calls are seen where the kernel takes them (seccomp hands them
// to ptrace), so those inside the C library and in programs that the command becomes are counted too.
//
//   fault_injector --below FOLDER --log FILE [--at N (--errno NUMBER | --signal NUMBER)] -- COMMAND…
//
// FILE gets a line "N KIND PATH" for each call. The exit status is that of the command, 128 + the signal that ended it,
// or 125 when there is no such thing as tracing here.

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr int kNoTracing = 125;

#if defined(__x86_64__)

// A place among the arguments of a call that names a file: a path, perhaps relative to a folder's descriptor, or a
// descriptor alone.
struct FileArgument {
  int path = -1;
  int descriptor = -1;
};

struct Call {
  long number;
  const char* kind;
  FileArgument first;
  FileArgument second = {};
};

constexpr std::array kCalls{
    Call{SYS_open, "open", {.path = 0}},
    Call{SYS_creat, "open", {.path = 0}},
    Call{SYS_openat, "open", {.path = 1, .descriptor = 0}},
    Call{SYS_write, "write", {.descriptor = 0}},
    Call{SYS_pwrite64, "write", {.descriptor = 0}},
    Call{SYS_writev, "write", {.descriptor = 0}},
    Call{SYS_pwritev, "write", {.descriptor = 0}},
    Call{SYS_sendfile, "write", {.descriptor = 0}},
    Call{SYS_copy_file_range, "write", {.descriptor = 2}},
    Call{SYS_fsync, "fsync", {.descriptor = 0}},
    Call{SYS_fdatasync, "fsync", {.descriptor = 0}},
    Call{SYS_rename, "rename", {.path = 0}, {.path = 1}},
    Call{SYS_renameat, "rename", {.path = 1, .descriptor = 0}, {.path = 3, .descriptor = 2}},
    Call{SYS_renameat2, "rename", {.path = 1, .descriptor = 0}, {.path = 3, .descriptor = 2}},
    Call{SYS_unlink, "unlink", {.path = 0}},
    Call{SYS_unlinkat, "unlink", {.path = 1, .descriptor = 0}},
    Call{SYS_rmdir, "unlink", {.path = 0}},
    Call{SYS_mkdir, "mkdir", {.path = 0}},
    Call{SYS_mkdirat, "mkdir", {.path = 1, .descriptor = 0}},
    Call{SYS_close, "close", {.descriptor = 0}},
    Call{SYS_ftruncate, "truncate", {.descriptor = 0}},
    Call{SYS_truncate, "truncate", {.path = 0}},
    Call{SYS_fallocate, "truncate", {.descriptor = 0}},
    Call{SYS_link, "link", {.path = 0}, {.path = 1}},
    Call{SYS_linkat, "link", {.path = 1, .descriptor = 0}, {.path = 3, .descriptor = 2}},
    Call{SYS_flock, "flock", {.descriptor = 0}},
    Call{SYS_mmap, "mmap", {.descriptor = 4}},
    Call{SYS_fchmod, "chmod", {.descriptor = 0}},
    Call{SYS_fchmodat, "chmod", {.path = 1, .descriptor = 0}},
    Call{SYS_chmod, "chmod", {.path = 0}},
};

const Call* find_call(unsigned long long number) {
  for (const Call& call : kCalls)
    if (static_cast<unsigned long long>(call.number) == number) return &call;
  return nullptr;
}

struct Options {
  std::string below;
  std::string log;
  long at = 0;  // 0: nothing happens
  int error = 0;
  int signal = 0;
  std::vector<char*> command;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "fault_injector: %s: %s\n", what, std::strerror(errno));
  std::exit(kNoTracing);
}

Options read_options(int argc, char** argv) {
  Options options;
  int i = 1;
  for (; i + 1 < argc && std::strcmp(argv[i], "--") != 0; i += 2) {
    const std::string name = argv[i];
    if (name == "--below") options.below = std::filesystem::canonical(argv[i + 1]).string();
    if (name == "--log") options.log = argv[i + 1];
    if (name == "--at") options.at = std::atol(argv[i + 1]);
    if (name == "--errno") options.error = std::atoi(argv[i + 1]);
    if (name == "--signal") options.signal = std::atoi(argv[i + 1]);
  }
  for (++i; i < argc; ++i) options.command.push_back(argv[i]);
  if (options.command.empty() || options.below.empty() || options.log.empty()) {
    std::fprintf(stderr,
                 "usage: fault_injector --below FOLDER --log FILE [--at N (--errno E | --signal S)] -- COMMAND\n");
    std::exit(2);
  }
  options.command.push_back(nullptr);
  return options;
}

// The kernel hands the calls of the table to the tracer and lets all others pass.
void install_filter() {
  std::vector<sock_filter> program;
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const Call& call : kCalls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call.number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    fail("cannot install the filter");
}

[[noreturn]] void become(const Options& options) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) fail("cannot be traced");
  std::raise(SIGSTOP);
  install_filter();
  execvp(options.command.front(), options.command.data());
  fail(options.command.front());
}

class Tracer {
 public:
  Tracer(const Options& options, pid_t root)
      : options_(options), root_(root), log_(std::fopen(options.log.c_str(), "we")) {
    if (log_ == nullptr) fail(options.log.c_str());
  }

  int run() {
    int status = 0;
    waitpid(root_, &status, 0);
    const long wanted = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                        PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (!WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, root_, nullptr, wanted) != 0) fail("cannot trace");
    known_.insert(root_);
    ptrace(PTRACE_CONT, root_, nullptr, 0);
    for (;;) {
      const pid_t task = waitpid(-1, &status, __WALL);
      if (task < 0) fail("lost the command");
      if (WIFSTOPPED(status)) {
        ptrace(PTRACE_CONT, task, nullptr, signal_of_stop(task, status));
      } else if (task == root_) {
        std::fclose(log_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    }
  }

 private:
  // What a stopped task is to receive when it goes on.
  int signal_of_stop(pid_t task, int status) {
    const int event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      handle_call(task);
      return 0;
    }
    if (event != 0) return 0;
    const bool is_new = known_.insert(task).second;
    return is_new && WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
  }

  void handle_call(pid_t task) {
    user_regs_struct registers{};
    if (ptrace(PTRACE_GETREGS, task, nullptr, &registers) != 0) return;
    const Call* const call = find_call(registers.orig_rax);
    if (call == nullptr) return;
    const auto path = path_below(task, *call, registers);
    if (!path) return;
    std::fprintf(log_, "%ld %s %s\n", ++num_calls_, call->kind, path->c_str());
    std::fflush(log_);
    if (num_calls_ != options_.at) return;
    if (options_.signal != 0) kill(root_, options_.signal);
    if (options_.error == 0) return;
    registers.orig_rax = static_cast<unsigned long long>(-1);  // no call at all
    registers.rax = static_cast<unsigned long long>(-options_.error);
    ptrace(PTRACE_SETREGS, task, nullptr, &registers);
  }

  std::optional<std::string> path_below(pid_t task, const Call& call, const user_regs_struct& registers) const {
    for (const FileArgument& argument : {call.first, call.second}) {
      const std::string path = path_of(task, argument, registers);
      if (path == options_.below || path.starts_with(options_.below + "/")) return path;
    }
    return std::nullopt;
  }

  // "" for what is no file.
  static std::string path_of(pid_t task, const FileArgument& argument, const user_regs_struct& registers) {
    const std::array values{registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8};
    const auto value = [&](int index) { return values[static_cast<std::size_t>(index)]; };
    if (argument.path < 0)
      return argument.descriptor < 0 ? "" : file_of(task, static_cast<int>(value(argument.descriptor)));
    const std::filesystem::path path = text_at(task, value(argument.path));
    if (path.is_absolute()) return path.lexically_normal().string();
    const int folder = argument.descriptor < 0 ? AT_FDCWD : static_cast<int>(value(argument.descriptor));
    return (std::filesystem::path(file_of(task, folder)) / path).lexically_normal().string();
  }

  static std::string file_of(pid_t task, int descriptor) {
    const std::string link =
        "/proc/" + std::to_string(task) + (descriptor == AT_FDCWD ? "/cwd" : "/fd/" + std::to_string(descriptor));
    std::error_code error;
    const std::string target = std::filesystem::read_symlink(link, error).string();
    return error ? "" : target;
  }

  static std::string text_at(pid_t task, unsigned long long address) {
    std::string text;
    char byte = 0;
    for (;; ++address) {
      iovec here{&byte, 1};
      iovec there{reinterpret_cast<void*>(address), 1};
      if (process_vm_readv(task, &here, 1, &there, 1, 0) != 1 || byte == '\0' || text.size() > 4096) return text;
      text += byte;
    }
  }

  const Options& options_;
  pid_t root_;
  std::FILE* log_;
  std::set<pid_t> known_;
  long num_calls_ = 0;
};

int run(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  const pid_t child = fork();
  if (child < 0) fail("cannot start a process");
  if (child == 0) become(options);
  return Tracer(options, child).run();
}

#else

int run(int, char**) {
  std::fprintf(stderr, "fault_injector: written for x86-64 alone\n");
  return kNoTracing;
}

#endif

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
