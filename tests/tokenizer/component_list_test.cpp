// Every type and key of a tokenizer.json that tokenizers 0.23 writes: read, or refused by name.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "../support/temporary_directory.h"
#include "golden_cases.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/tokenizer/decoder.h"
#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/post_processor.h"
#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool::testing {
namespace {

// What the library's from_str() takes for each section (scripts/reference/tokenizer_components.py).
Json library_components() { return read_json_file(tokenizer_fixture("components.json").string(), ExitCode::kModel); }

std::string load_with(const char* section, const Json& part) {
  const TemporaryDirectory directory;
  Json document = read_json_file((tokenizer_fixture("uncased") / "tokenizer.json").string(), ExitCode::kModel);
  document[section] = part;
  directory.write("tokenizer.json", document.dump());
  try {
    Tokenizer::load(directory.path());
  } catch (const ModelError& error) {
    return error.what();
  }
  return "loaded";
}

std::vector<std::string> known_types(const std::string& section) {
  if (section == "normalizer") return normalizer_types();
  if (section == "pre_tokenizer") return pre_tokenizer_types();
  if (section == "post_processor") return post_processor_types();
  if (section == "decoder") return decoder_types();
  return model_types();
}

TEST_CASE("Every type of component that the library has is read, or refused by its name") {
  std::vector<std::string> refused;
  const Json components = library_components();
  for (const auto& [section, parts] : components.items()) {
    const auto known = known_types(section);
    for (const Json& part : parts) {
      const auto type = part["type"].get<std::string>();
      CAPTURE(section, part.dump());
      const std::string message = load_with(section.c_str(), part);
      if (std::find(known.begin(), known.end(), type) != known.end()) {
        CHECK(message == "loaded");
        continue;
      }
      refused.push_back(section + "." + type);
      CHECK_THAT(message, Catch::Contains(section) && Catch::Contains("'" + type + "' is not supported"));
    }
  }
  std::sort(refused.begin(), refused.end());
  CHECK(refused == std::vector<std::string>{"decoder.CTC", "model.WordLevel", "normalizer.ByteLevel",
                                            "pre_tokenizer.FixedLength", "pre_tokenizer.UnicodeScripts"});
}

TEST_CASE("A key that a component of the library does not have is refused by its name") {
  const Json components = library_components();
  for (const auto& [section, parts] : components.items()) {
    const auto known = known_types(section);
    for (Json part : parts) {
      if (std::find(known.begin(), known.end(), part["type"].get<std::string>()) == known.end()) continue;
      CAPTURE(section, part.dump());
      part["strange"] = 1;
      CHECK_THAT(load_with(section.c_str(), part), Catch::Contains("'strange' is not supported"));
    }
  }
}

}  // namespace
}  // namespace llmtool::testing
