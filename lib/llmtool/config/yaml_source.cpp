#include "llmtool/config/yaml_source.h"

#include <algorithm>
#include <cstdio>

#include "llmtool/core/utf8.h"

namespace llmtool::detail {

YamlSource::YamlSource(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

SourcePosition YamlSource::position(std::int64_t line, std::int64_t byte_column) const {
  const auto last_line = static_cast<std::int64_t>(line_starts_.size()) - 1;
  const auto index = static_cast<std::size_t>(std::clamp<std::int64_t>(line, 0, last_line));
  const std::string_view rest = text_.substr(line_starts_[index]);
  const std::size_t bytes = std::min(static_cast<std::size_t>(std::max<std::int64_t>(byte_column, 0)), rest.size());
  if (index != counted_line_ || bytes < counted_bytes_) counted_bytes_ = counted_code_points_ = 0;
  counted_line_ = index;
  counted_code_points_ += count_code_points(rest.substr(counted_bytes_, bytes - counted_bytes_));
  counted_bytes_ = bytes;
  return {file_, static_cast<std::int64_t>(index) + 1, static_cast<std::int64_t>(counted_code_points_) + 1};
}

std::string_view YamlSource::from(std::int64_t line, std::int64_t byte_column) const {
  if (line < 0 || line >= static_cast<std::int64_t>(line_starts_.size())) return "";
  const std::size_t offset = line_starts_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(byte_column);
  return text_.substr(std::min(offset, text_.size()));
}

std::string_view YamlSource::value_from(std::int64_t line, std::int64_t byte_column) const {
  std::string_view text = from(line, byte_column);
  if (!text.starts_with('&')) return text;
  text.remove_prefix(std::min(text.size(), text.find_first_of(" \r\n")));
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \r\n")));
  return text;
}

std::size_t quoted_length(std::string_view text) {
  if (!text.starts_with('"') && !text.starts_with('\'')) return 0;
  const char quote_sign = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote_sign == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote_sign) {
      // Two single quotes stand for one inside the text.
      const bool doubled = quote_sign == '\'' && i + 1 < text.size() && text[i + 1] == '\'';
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return std::string_view::npos;
}

SourcePosition YamlSource::position_of_byte(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::int64_t line = after - line_starts_.begin() - 1;
  return position(line, static_cast<std::int64_t>(offset - line_starts_[static_cast<std::size_t>(line)]));
}

void YamlSource::check_characters() const {
  if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff"))
    throw ConfigError(SourcePosition{file_}, "the file is UTF-16; save it as UTF-8");
  if (const auto invalid = find_invalid_utf8(text_))
    throw ConfigError(position_of_byte(*invalid), "the bytes here are not UTF-8 (byte offset " +
                                                      std::to_string(*invalid) + "); save the file as UTF-8");
  check_control_characters();
  check_tabs();
}

void YamlSource::check_control_characters() const {
  const auto found = std::find_if(text_.begin(), text_.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
  });
  if (found == text_.end()) return;
  char code[8];
  std::snprintf(code, sizeof(code), "U+%04X", static_cast<unsigned>(static_cast<unsigned char>(*found)));
  throw ConfigError(position_of_byte(static_cast<std::size_t>(found - text_.begin())),
                    std::string("control character ") + code + "; a config is plain text");
}

void YamlSource::check_tabs() const {
  for (const std::size_t start : line_starts_) {
    const std::size_t content = text_.find_first_not_of(" \t", start);
    if (content == std::string_view::npos) return;
    const std::size_t tab = text_.find('\t', start);
    if (tab >= content || text_[content] == '\n' || text_[content] == '\r') continue;
    throw ConfigError(position_of_byte(tab), "a tab in the indentation; indent with spaces");
  }
}

}  // namespace llmtool::detail
