#include "golden_cases.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include "llmtool/core/json.h"

namespace llmtool::testing {
namespace {

std::string read_compressed(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) throw std::runtime_error("cannot open " + path.string());
  std::string text;
  char buffer[1 << 16];
  for (int size = gzread(file, buffer, sizeof buffer); size > 0; size = gzread(file, buffer, sizeof buffer))
    text.append(buffer, static_cast<std::size_t>(size));
  gzclose(file);
  return text;
}

void for_each_line(const std::filesystem::path& path, const std::function<void(const Json&)>& take) {
  const std::string text = read_compressed(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    take(Json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
}

GoldenCase to_case(const Json& row) {
  GoldenCase result{row["text"], std::nullopt, {}};
  if (row.contains("pair")) result.pair = row["pair"].get<std::string>();
  result.options.add_special_tokens = row.value("special", true);
  if (row.contains("max_length")) {
    result.options.max_length = row["max_length"].get<std::int64_t>();
    result.options.truncation = *enum_from_name<TruncationStrategy>(row["strategy"].get<std::string>());
    result.options.truncation_side = *enum_from_name<TruncationSide>(row["side"].get<std::string>());
  }
  return result;
}

GoldenAnswer to_answer(const Json& row) {
  GoldenAnswer answer;
  answer.error = row.contains("error");
  if (answer.error) return answer;
  answer.encoding.ids = row["ids"].get<std::vector<std::int32_t>>();
  answer.encoding.type_ids = row["types"].get<std::vector<std::int32_t>>();
  answer.encoding.sequence_ids = row["sequences"].get<std::vector<std::int32_t>>();
  const auto positions = row["offsets"].get<std::vector<std::int32_t>>();
  for (std::size_t i = 0; i < positions.size(); i += 2)
    answer.encoding.offsets.push_back({positions[i], positions[i + 1]});
  answer.decoded = row["decoded"];
  answer.decoded_all = row["decoded_all"];
  return answer;
}

std::optional<std::filesystem::path> existing(const std::filesystem::path& folder, const std::string& variable) {
  if (std::filesystem::exists(folder / "tokenizer.json")) return folder;
  WARN("skipped: no tokenizer.json in '" << folder.string() << "'; set " << variable);
  return std::nullopt;
}

}  // namespace

std::filesystem::path tokenizer_fixture(const std::string& name) {
  return std::filesystem::path(LLMTOOL_SOURCE_DIR) / "tests" / "fixtures" / "tokenizer" / name;
}

std::vector<GoldenCase> read_golden_cases() {
  std::vector<GoldenCase> cases;
  for_each_line(tokenizer_fixture("cases.jsonl.gz"), [&](const Json& row) { cases.push_back(to_case(row)); });
  return cases;
}

std::vector<GoldenAnswer> read_golden_answers(const std::string& name) {
  std::vector<GoldenAnswer> answers;
  for_each_line(tokenizer_fixture(name + ".goldens.jsonl.gz"),
                [&](const Json& row) { answers.push_back(to_answer(row)); });
  return answers;
}

std::optional<std::filesystem::path> demo_model() {
  const char* folder = std::getenv("LLMTOOL_DEMO_MODEL");
  return existing(folder ? folder : "", "LLMTOOL_DEMO_MODEL to the demo model's folder");
}

std::optional<std::filesystem::path> shared_tokenizer(const std::string& name) {
  const char* folder = std::getenv("LLMTOOL_SHARED_DATA");
  const std::filesystem::path beside = std::filesystem::path(LLMTOOL_SOURCE_DIR) / ".." / "shared" / "data";
  return existing((folder ? std::filesystem::path(folder) : beside) / "tokenizers" / name,
                  "LLMTOOL_SHARED_DATA to the folder that holds tokenizers/" + name);
}

}  // namespace llmtool::testing
