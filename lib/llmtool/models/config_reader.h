#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"

namespace llmtool {

// Strict access to the keys of a config.json. Every member throws ModelError naming file, key, what stands there and
// what is expected. A key with value null counts as absent.
class ConfigReader {
 public:
  // Throws ModelError when `config` is no object. Both must outlive the reader.
  ConfigReader(const Json& config, const std::string& file);

  std::int64_t integer(std::string_view key, Range<std::int64_t> range) const;
  std::int64_t integer(std::string_view key, Range<std::int64_t> range, std::int64_t absent) const;
  std::optional<std::int64_t> optional_integer(std::string_view key, Range<std::int64_t> range) const;
  double number(std::string_view key, Range<double> range, double absent) const;
  std::optional<double> optional_number(std::string_view key, Range<double> range) const;
  std::string text(std::string_view key) const;
  std::string text(std::string_view key, std::string_view absent) const;
  bool boolean(std::string_view key, bool absent) const;

  [[noreturn]] void fail(std::string_view key, const std::string& problem) const;

 private:
  const Json* find(std::string_view key) const;
  [[noreturn]] void fail_missing(std::string_view key) const;

  const Json& config_;
  const std::string& file_;
};

}  // namespace llmtool
