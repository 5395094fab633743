#pragma once

#include <map>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool {

// Where the value of each field ("training.batch_size", "data.text[1]") came from; fields not in it have their default.
class FieldPositions {
 public:
  // `path` "" is the whole config.
  void set(const std::string& path, SourcePosition position) { positions_[path] = std::move(position); }

  // True when the value was written by the user or resolved.
  bool contains(const std::string& path) const { return positions_.contains(path); }

  // Position of the field, or else of the nearest section around it that was written: where an error points to.
  SourcePosition at(const std::string& path) const;

  // "run.yaml:3:5", "--set training.epochs=3", "resolved from the model" or "default".
  std::string origin(const std::string& path) const;

 private:
  std::map<std::string, SourcePosition> positions_;
};

// "training" + "epochs" -> "training.epochs"; "" + "task" -> "task".
std::string join_path(const std::string& parent, const std::string& name);
// "data.text" + 1 -> "data.text[1]".
std::string item_path(const std::string& list, std::size_t index);

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
