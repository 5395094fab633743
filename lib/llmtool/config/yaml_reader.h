#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool::detail {

// YAML text with places in it. Positions are asked for by line and byte column counted from 0, as yaml-cpp does.
class YamlSource {
 public:
  // A leading byte order mark is dropped.
  YamlSource(std::string_view text, std::string file);

  std::string_view text() const { return text_; }
  SourcePosition position(std::int64_t line, std::int64_t byte_column) const;
  // The text from there on.
  std::string_view from(std::int64_t line, std::int64_t byte_column) const;

  // The same without an anchor (&name) before the value.
  std::string_view value_from(std::int64_t line, std::int64_t byte_column) const;

  // Throws ConfigError for what yaml-cpp reads silently or explains badly: invalid UTF-8, UTF-16, control characters,
  // tabs as indentation.
  void check_characters() const;

 private:
  SourcePosition position_of_byte(std::size_t offset) const;
  void check_control_characters() const;
  void check_tabs() const;

  std::string_view text_;
  std::string file_;
  std::vector<std::size_t> line_starts_;  // byte offsets
  // Where position() counted to last: a long line is asked for again and again, further and further to the right.
  mutable std::size_t counted_line_ = 0;
  mutable std::size_t counted_bytes_ = 0;
  mutable std::size_t counted_code_points_ = 0;
};

// Length of the quoted text that `text` starts with, quotes included; 0 when it does not start with a quote, npos when
// the quote is not closed.
std::size_t quoted_length(std::string_view text);

}  // namespace llmtool::detail
