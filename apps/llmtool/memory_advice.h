#pragma once

#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace llmtool::app {

// Memory that LibTorch did not get, where another word than "out of memory" says more.
class OutOfMemory : public std::bad_alloc {
 public:
  explicit OutOfMemory(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

// What to do when memory does not suffice for this verb.
std::string_view memory_advice(std::string_view verb);

}  // namespace llmtool::app
