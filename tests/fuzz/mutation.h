#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"

namespace llmtool::testing {

// Damages contents at random; the same for the same seed.
class Mutation {
 public:
  explicit Mutation(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  template <class T>
  const T& any_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

  // Bits, bytes, numbers and pieces are changed, lost, repeated or taken from `other`.
  std::string bytes(std::string content, const std::string& other);
  // Values are replaced, lost, repeated, exchanged, renamed, nested.
  std::string json(const std::string& text);

 private:
  void change_bytes(std::string& content, const std::string& other);
  void change_number_as_text(std::string& content);
  void change_number_as_bytes(std::string& content);
  void change_json(Json& root);
  void change_text(std::string& text);
  Json odd_value();

  std::mt19937_64 random_;
};

}  // namespace llmtool::testing
