#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// Ranges of config values: generous beyond any published model, small enough that no product of two overflows and a
// hostile file is refused before anything is allocated.
inline constexpr auto kVocabularyRange = in_range<std::int64_t>(1, 1 << 24);
inline constexpr auto kSizeRange = in_range<std::int64_t>(1, 1 << 17);
inline constexpr auto kPositionRange = in_range<std::int64_t>(1, 1 << 22);
inline constexpr auto kLayerRange = in_range<std::int64_t>(1, 1024);
inline constexpr auto kRateRange = in_range(0.0, 0.999);
inline constexpr auto kEpsilonRange = in_range(0.0, 1.0);
inline constexpr auto kDeviationRange = in_range(0.0, 10.0);

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
  // `pad_token_id`, which may be null. `absent` is that of a file older than the key.
  std::optional<std::int64_t> padding_id(std::int64_t vocabulary_size, std::optional<std::int64_t> absent) const;

  // For an option of which one value is supported, that of a model without the key.
  void require_text(std::string_view key, std::string_view supported) const;
  void require_flag(std::string_view key, bool supported) const;
  // For another name of the integer `key`, whose value is `value`: what stands there must be the same.
  void require_same(std::string_view other_name, std::string_view key, std::int64_t value) const;
  // Whether the projection to the vocabulary has the word embedding's weights; where the key is missing, it does.
  bool ties_word_embeddings() const { return boolean("tie_word_embeddings", true); }
  // Refuses what makes another model of any family: weights that are quantised or pruned, code of its own, layers with
  // settings of their own.
  void require_plain_model() const;
  Activation activation(std::string_view key, std::string_view absent) const;
  // Throws unless the size is a multiple of the number of heads.
  void check_heads(std::string_view size_key, std::int64_t size, std::string_view heads_key,
                   std::int64_t num_heads) const;

  [[noreturn]] void fail(std::string_view key, const std::string& problem) const;

 private:
  const Json* find(std::string_view key) const;
  [[noreturn]] void fail_missing(std::string_view key) const;

  const Json& config_;
  const std::string& file_;
};

}  // namespace llmtool
