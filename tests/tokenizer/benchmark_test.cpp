#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "golden_cases.h"
#include "llmtool/core/atomic_file.h"

namespace llmtool::testing {
namespace {

// Of this process's own time, so that a busy machine counts less.
double seconds_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

// Hidden; a tokenizer's folder may be given as the demo model.
// LLMTOOL_DEMO_MODEL=DIR LLMTOOL_BENCHMARK_TEXT=FILE bin/tokenizer_test [benchmark]
TEST_CASE("Speed of encoding the lines of a file", "[.][benchmark]") {
  const char* file = std::getenv("LLMTOOL_BENCHMARK_TEXT");
  const auto folder = demo_model();
  REQUIRE(file);
  REQUIRE(folder);
  const auto loading = std::clock();
  Tokenizer::load(*folder);
  std::cout << "load: " << seconds_since(loading) * 1e3 << " ms\n";

  const std::string text = read_file(file);
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  for (const bool offsets : {false, true}) {
    const auto megabytes_per_second = [&](double seconds) { return static_cast<double>(text.size()) / seconds / 1e6; };
    const Tokenizer tokenizer = Tokenizer::load(*folder);  // knows no words yet
    double first = 0;
    double best = 1e9;
    std::size_t tokens = 0;
    for (int round = 0; round < 5; ++round) {
      Encoding encoding;
      tokens = 0;
      const auto start = std::clock();
      for (const std::string_view line : lines) {
        tokenizer.encode_into(line, std::nullopt, {.offsets = offsets}, encoding);
        tokens += encoding.ids.size();
      }
      const double seconds = seconds_since(start);
      if (round == 0) first = seconds;
      best = std::min(best, seconds);
    }
    std::cout << (offsets ? "ids and offsets: " : "ids: ") << megabytes_per_second(first) << " MB/s at first, "
              << megabytes_per_second(best) << " MB/s at best, " << tokens << " tokens, " << lines.size() << " lines\n";
  }
}

}  // namespace
}  // namespace llmtool::testing
