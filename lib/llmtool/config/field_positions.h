#pragma once

#include <map>
#include <string>

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

}  // namespace llmtool
