#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "../support/temporary_directory.h"
#include "../tasks/tiny_classifier.h"
#include "llmtool/commands/predict.h"

namespace llmtool {
namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe(ends) == 0); }
  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
  int ends[2];
};

// Puts a pipe in place of standard input for as long as it lives.
class StandardInput {
 public:
  explicit StandardInput(int descriptor) : saved_(dup(STDIN_FILENO)) { dup2(descriptor, STDIN_FILENO); }
  ~StandardInput() {
    dup2(saved_, STDIN_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

TEST_CASE("a row that arrives is answered before the input ends") {
  const testing::TemporaryDirectory directory;
  testing::write_tiny_model(directory / "model", {"bad", "good"});
  const Pipe input;
  const Pipe output;
  const StandardInput standard_input(input.read_end());
  PredictRequest request;
  request.model = directory / "model";
  request.input = std::string("-");  // g++ 12 warns falsely of an overflow when the literal is assigned
  request.format = FileFormat::kText;
  request.output_stream = fdopen(output.write_end(), "wb");
  std::jthread worker([&] { predict_file(request, silent_events()); });

  const std::string question = "this film is very good\n";
  REQUIRE(write(input.write_end(), question.data(), question.size()) == static_cast<ssize_t>(question.size()));
  // Waits until ctest's time limit when rows are only answered at the end.
  FILE* answers = fdopen(output.read_end(), "rb");
  char line[1024];
  REQUIRE(std::fgets(line, sizeof(line), answers) != nullptr);
  CHECK(Json::parse(line).at("text") == "this film is very good");

  close(input.write_end());
  worker.join();
  std::fclose(request.output_stream);
  std::fclose(answers);
}

}  // namespace
}  // namespace llmtool
