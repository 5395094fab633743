#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/records.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// What a model has embeddings for, and what of a tokenizer's output goes beyond.
struct EmbeddingLimits {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  std::int64_t num_ids = kNone;    // kNone: all of the tokenizer's
  std::int64_t num_types = kNone;  // kNone: types are not read
  // transformers' tokenizer for the model's folder gives no types: all tokens are of type 0.
  bool ignores_types = false;

  // Whether a tokenizer that is saved with the model has to give types; unset where it makes no difference.
  std::optional<bool> takes_types() const {
    return num_types == kNone || num_types == 1 ? std::nullopt : std::optional(!ignores_types);
  }

  // Throws DataError for a token without an embedding, ModelError for a type without one.
  void apply(const Tokenizer& tokenizer, Encoding& encoding) const;
  // Throws DataError naming the token when the id has no embedding; `where` begins the message.
  void require_id(const Tokenizer& tokenizer, std::int64_t id, const std::string& where = "") const;
  // For the log when the model is loaded: what the tokenizer's files say against one another, and that it has ids
  // without an embedding, a line each.
  std::vector<std::string> warnings(const Tokenizer& tokenizer) const;
};

// Rows of different lengths, one after another.
template <class T>
class RaggedColumn {
 public:
  std::int64_t size() const { return static_cast<std::int64_t>(offsets_.size()) - 1; }
  std::span<const T> row(std::int64_t index) const {
    const auto begin = static_cast<std::size_t>(offsets_.at(static_cast<std::size_t>(index)));
    const auto end = static_cast<std::size_t>(offsets_.at(static_cast<std::size_t>(index) + 1));
    return std::span<const T>(values_).subspan(begin, end - begin);
  }
  std::span<const T> values() const { return values_; }
  void append(std::span<const T> row) {
    values_.insert(values_.end(), row.begin(), row.end());
    offsets_.push_back(static_cast<std::int64_t>(values_.size()));
  }

 private:
  std::vector<T> values_;
  std::vector<std::int64_t> offsets_{0};  // [rows + 1]
};

// What a model is fed: features (rows of numbers under names) and the example each one came from. An example may have
// several features (windows of a long text) or none. Built front to back, never changed.
class EncodedDataset {
 public:
  // Adds an empty column. Throws std::logic_error for a name already there, and after the first feature.
  template <class T>
  void add_column(std::string name) {
    if (num_features() > 0) throw std::logic_error("column '" + name + "' added after the first feature");
    if (has_column(name)) throw std::logic_error("column '" + name + "' added twice");
    columns_.emplace_back(std::move(name), RaggedColumn<T>());
  }
  // The column to append one row to before each finish_feature(). Throws std::logic_error for an unknown name or type.
  template <class T>
  RaggedColumn<T>& column(std::string_view name) {
    return const_cast<RaggedColumn<T>&>(std::as_const(*this).template column<T>(name));
  }
  template <class T>
  const RaggedColumn<T>& column(std::string_view name) const {
    if (const Column* column = find(name))
      if (const auto* typed = std::get_if<RaggedColumn<T>>(column)) return *typed;
    throw std::logic_error("the dataset has no column '" + std::string(name) + "' of this type");
  }
  // Closes a feature. Throws std::logic_error unless every column got exactly one more row.
  void finish_feature(std::int64_t example_id);

  std::int64_t num_features() const { return static_cast<std::int64_t>(example_ids_.size()); }
  std::int64_t example_id(std::int64_t feature) const { return example_ids_.at(static_cast<std::size_t>(feature)); }
  std::vector<std::string> column_names() const;
  bool has_column(std::string_view name) const { return find(name) != nullptr; }
  // Number of values of each feature in a column.
  std::vector<std::int64_t> lengths(std::string_view column_name) const;

 private:
  using Column = std::variant<RaggedColumn<std::int32_t>, RaggedColumn<std::int64_t>, RaggedColumn<float>>;

  const Column* find(std::string_view name) const;

  std::vector<std::pair<std::string, Column>> columns_;
  std::vector<std::int64_t> example_ids_;  // [features]
};

// For every feature the first one with the same token ids and types: itself unless it is a repetition.
std::vector<std::int64_t> first_equal_features(const EncodedDataset& dataset);

// Names of the columns encode_records makes.
inline constexpr std::string_view kInputIds = "input_ids";           // int32
inline constexpr std::string_view kTokenTypeIds = "token_type_ids";  // int32
inline constexpr std::string_view kLabel = "label";                  // int64, one value; only with label ids

struct EncodedRecords {
  EncodedDataset dataset;  // one feature per record; the example id is the position in `records`
  std::int64_t num_truncated = 0;
  std::int64_t num_tokens = 0;  // after truncation, special tokens included
  std::int64_t longest = 0;     // tokens of the longest record before truncation
};

// Turns texts into token ids on `num_threads` threads; the result does not depend on their number. `label_ids` is
// empty or has one id per record; `path` is for messages, `what` for progress ("tokenizing train"). Throws DataError
// naming file and line for a record longer than max_length when on_overlong is error, and for one the tokenizer refuses
// (the first in the file) or that has a token beyond `limits`; ModelError for token types beyond them.
EncodedRecords encode_records(const std::vector<Record>& records, const std::vector<std::int64_t>& label_ids,
                              const std::string& path, const Tokenizer& tokenizer, const TokenizerOptions& options,
                              std::int64_t num_threads, const std::string& what, EventSink& events,
                              const EmbeddingLimits& limits = {});

}  // namespace llmtool
