// Bytes a second of reading rows and of tokenizing, each on one core.
// Usage: llmtool_benchmarks [--benchmark_…] TOKENIZER_DIRECTORY FILE TEXT_COLUMN
#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {
namespace {

void read_rows(benchmark::State& state, const std::string& path) {
  Row row;
  for (auto _ : state) {
    const auto reader = open_rows(path);
    while (reader->next(row)) benchmark::DoNotOptimize(row);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(path)));
}

std::vector<std::string> read_column(const std::string& path, const std::string& column) {
  std::vector<std::string> texts;
  const auto reader = open_rows(path);
  Row row;
  while (reader->next(row)) {
    const auto cell = row.find(column);
    if (!cell) throw UsageError(path + " has no column " + quote(column));
    texts.emplace_back(*cell);
  }
  return texts;
}

// Every round takes a tokenizer that has seen no word: those that remember words would do the second round faster.
void encode(benchmark::State& state, const std::string& directory, const std::vector<std::string>& texts) {
  std::optional<Tokenizer> tokenizer;
  Encoding encoding;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    tokenizer.emplace(Tokenizer::load(directory));
    state.ResumeTiming();
    for (const std::string& text : texts) {
      tokenizer->encode_into(text, std::nullopt, {}, encoding);
      benchmark::DoNotOptimize(encoding.ids.data());
      bytes += static_cast<std::int64_t>(text.size());
    }
  }
  state.SetBytesProcessed(bytes);
}

int run(int argument_count, char** arguments) {
  benchmark::Initialize(&argument_count, arguments);
  if (argument_count != 4) {
    std::fprintf(stderr, "usage: %s [--benchmark_…] TOKENIZER_DIRECTORY FILE TEXT_COLUMN\n", arguments[0]);
    return static_cast<int>(ExitCode::kUsage);
  }
  const std::string path = arguments[2];
  const std::string directory = arguments[1];
  const std::vector<std::string> texts = read_column(path, arguments[3]);
  benchmark::RegisterBenchmark("read_rows", [&](benchmark::State& state) { read_rows(state, path); })->UseRealTime();
  benchmark::RegisterBenchmark("encode", [&](benchmark::State& state) {
    encode(state, directory, texts);
  })->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace llmtool

int main(int argument_count, char** arguments) {
  try {
    return llmtool::run(argument_count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
