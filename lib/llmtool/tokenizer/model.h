#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/vocabulary.h"

namespace llmtool {

// A token of a word: bytes [begin, end) of it.
struct ModelToken {
  std::int32_t id;
  std::uint32_t begin;
  std::uint32_t end;
};

// Cuts one word into vocabulary entries.
class TokenizerModel {
 public:
  virtual ~TokenizerModel() = default;
  // Appends the tokens of `word`, which is not empty.
  virtual void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const = 0;

  virtual std::optional<std::int32_t> find(std::string_view token) const = 0;
  virtual const Vocabulary& vocabulary() const = 0;
  // The unknown token, when the model has one.
  virtual std::optional<std::int32_t> unk_id() const = 0;
  // Whether tokens that go on a word begin with a mark ("##").
  virtual bool marks_continuations() const { return false; }
  // Its name in tokenizer.json.
  virtual const char* type() const = 0;
};

// Builds the model a tokenizer.json names; throws ModelError for a type not in model_types().
std::unique_ptr<TokenizerModel> make_model(ComponentReader reader);
std::vector<std::string> model_types();

}  // namespace llmtool
