#pragma once

#include <string>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool {

// Collects everything wrong with a config, to report it at once.
class ConfigErrors {
 public:
  // `path` names the field; "" leaves it out of the text.
  void add(const SourcePosition& position, const std::string& path, const std::string& message);

  bool empty() const { return problems_.empty(); }
  // True when something at or below `path` is wrong; "" is the whole config.
  bool contains(const std::string& path) const;
  // Throws one ConfigError with one line per problem: by position in the file, then overrides, in order.
  void throw_if_any() const;

 private:
  struct Problem {
    SourcePosition position;
    std::string path;
    std::string message;
    std::string to_string() const;
  };
  std::vector<Problem> problems_;
};

}  // namespace llmtool
