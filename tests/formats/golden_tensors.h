#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/tensor_source.h"

namespace llmtool::testing {

inline std::string hexadecimal(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Checks names, types, shapes and bytes against what scripts/reference/formats_goldens.py wrote down.
inline void check_equals_golden(const TensorSource& source, const std::string& golden) {
  const Json expected = read_json_file(fixture("formats/" + golden).string(), ExitCode::kInternal);
  CHECK(source.names().size() == expected.size());
  for (const auto& [name, description] : expected.items()) {
    INFO(name);
    const TensorView* tensor = source.find(name);
    REQUIRE(tensor != nullptr);
    CHECK(enum_name(tensor->dtype) == description["dtype"].get<std::string>());
    CHECK(tensor->shape == description["shape"].get<std::vector<std::int64_t>>());
    CHECK(hexadecimal(tensor->bytes) == description["hex"].get<std::string>());
  }
}

}  // namespace llmtool::testing
