#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "compute.h"
#include "stop_signals.h"

namespace llmtool::app {
namespace {

namespace fs = std::filesystem;

fs::path torch_program() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) throw ResourceError("cannot find this program's own folder through /proc/self/exe: " + error.message());
  return self.parent_path().parent_path() / "libexec" / "llmtool" / "llmtool-torch";
}

// libgomp reads its settings when it is loaded, so they must stand before llmtool-torch starts. By default a thread
// that waits for another spins for milliseconds; where another process wants the same core, that keeps off the very
// thread that is waited for, and training becomes several times slower. Measured with the demo model on two cores,
// alone and beside a busy process: 10,000 rounds 1,507 and 670 tokens/s, 20,000 1,581 and 582, 60,000 1,563 and 358.
// What the user set stays.
void limit_spinning() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "20000", /*overwrite=*/0);
}

}  // namespace

void hand_over(const Context& context) {
  limit_spinning();
  const fs::path program = torch_program();
  std::vector<char*> arguments;
  for (const std::string& argument : context.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  context.stop_signals->stop_listening();
  execv(program.c_str(), arguments.data());
  throw ResourceError(
      "cannot start " + program.string() + ": " + std::strerror(errno) +
      "; llmtool-torch belongs into libexec/llmtool beside the folder of llmtool (see cmake --install)");
}

}  // namespace llmtool::app
