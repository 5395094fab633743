#include "llmtool/tokenizer/tokenizer_reports.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/tokenizer/word_counts.h"

namespace llmtool {
namespace {

// Null when there is nothing to divide by.
inline Json ratio(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) return nullptr;
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

std::int64_t count_id(const std::vector<std::int32_t>& ids, std::optional<std::int32_t> id) {
  return id ? std::count(ids.begin(), ids.end(), *id) : 0;
}

}  // namespace

void TokenStatistics::add(std::string_view text) {
  tokenizer_.encode_into(text, std::nullopt, {.add_special_tokens = false}, encoding_);
  const auto num_tokens = static_cast<std::int64_t>(encoding_.ids.size());
  const std::int64_t num_unknown = count_id(encoding_.ids, tokenizer_.unk_id());
  ++num_texts_;
  num_bytes_ += static_cast<std::int64_t>(text.size());
  num_characters_ += static_cast<std::int64_t>(count_code_points(text));
  num_tokens_ += num_tokens;
  num_unknown_tokens_ += num_unknown;
  most_tokens_ = std::max(most_tokens_, num_tokens);
  if (max_length_ && num_tokens + tokenizer_.num_special_tokens(false) > *max_length_) ++num_overlong_;
  cut_at_spaces(text, [&](std::string_view word) {
    ++num_words_;
    if (num_unknown > 0 && is_unknown(std::string(word))) ++unknown_words_[std::string(word)];
  });
}

bool TokenStatistics::is_unknown(const std::string& word) {
  if (unknown_words_.contains(word)) return true;
  const Encoding encoding = tokenizer_.encode(word, {.add_special_tokens = false});
  return count_id(encoding.ids, tokenizer_.unk_id()) > 0;
}

Json TokenStatistics::to_json(std::size_t num_words) const {
  std::vector<std::pair<std::string, std::int64_t>> unknown(unknown_words_.begin(), unknown_words_.end());
  std::sort(unknown.begin(), unknown.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  unknown.resize(std::min(unknown.size(), num_words));
  Json frequent = Json::array();
  for (const auto& [word, count] : unknown) frequent.push_back({{"word", word}, {"count", count}});
  Json result{{"num_texts", num_texts_},
              {"num_bytes", num_bytes_},
              {"num_characters", num_characters_},
              {"num_words", num_words_},
              {"num_tokens", num_tokens_},
              {"tokens_per_text", ratio(num_tokens_, num_texts_)},
              {"tokens_per_word", ratio(num_tokens_, num_words_)},
              {"tokens_per_byte", ratio(num_tokens_, num_bytes_)},
              {"characters_per_token", ratio(num_characters_, num_tokens_)},
              {"most_tokens", most_tokens_},
              {"num_unknown_tokens", num_unknown_tokens_},
              {"unknown_share", ratio(num_unknown_tokens_, num_tokens_)},
              {"num_distinct_unknown_words", unknown_words_.size()},
              {"unknown_words", std::move(frequent)}};
  if (max_length_) {
    result["max_length"] = *max_length_;
    result["num_overlong"] = num_overlong_;
    result["overlong_share"] = ratio(num_overlong_, num_texts_);
  }
  return result;
}

namespace {

Json tokens_of(const Tokenizer& tokenizer, const Encoding& encoding) {
  Json tokens = Json::array();
  for (const std::int32_t id : encoding.ids) tokens.push_back(tokenizer.token(id));
  return tokens;
}

}  // namespace

void TokenizerComparison::add(std::string_view text, const std::string& place) {
  left_.encode_into(text, std::nullopt, {}, left_encoding_);
  right_.encode_into(text, std::nullopt, {}, right_encoding_);
  ++num_texts_;
  num_left_tokens_ += static_cast<std::int64_t>(left_encoding_.ids.size());
  num_right_tokens_ += static_cast<std::int64_t>(right_encoding_.ids.size());
  if (left_encoding_.ids == right_encoding_.ids) {
    ++num_equal_;
  } else if (differences_.size() < num_shown_) {
    differences_.push_back(difference(text, place));
  }
}

Json TokenizerComparison::difference(std::string_view text, const std::string& place) const {
  return {{"place", place},
          {"text", text},
          {"left", {{"ids", left_encoding_.ids}, {"tokens", tokens_of(left_, left_encoding_)}}},
          {"right", {{"ids", right_encoding_.ids}, {"tokens", tokens_of(right_, right_encoding_)}}}};
}

Json TokenizerComparison::vocabularies() const {
  std::int64_t num_shared = 0;
  std::int64_t num_equal_ids = 0;
  for (std::int32_t id = 0; id < left_.id_bound(); ++id) {
    if (!left_.contains(id)) continue;
    const auto other = right_.find(left_.token(id));
    if (!other) continue;
    ++num_shared;
    if (*other == id) ++num_equal_ids;
  }
  const std::int64_t num_all = left_.vocabulary_size() + right_.vocabulary_size() - num_shared;
  return {{"left", left_.vocabulary_size()},
          {"right", right_.vocabulary_size()},
          {"shared", num_shared},
          {"shared_with_equal_id", num_equal_ids},
          {"overlap", ratio(num_shared, num_all)}};
}

Json TokenizerComparison::to_json() const {
  return {{"num_texts", num_texts_},
          {"num_equal", num_equal_},
          {"equal_share", ratio(num_equal_, num_texts_)},
          {"tokens_per_text",
           {{"left", ratio(num_left_tokens_, num_texts_)}, {"right", ratio(num_right_tokens_, num_texts_)}}},
          {"vocabulary", vocabularies()},
          {"first_differences", differences_}};
}

namespace {

struct GoldenRow {
  std::string text;
  std::optional<std::string> pair;
  Json ids;
  Json offsets;  // null: not recorded
};

[[noreturn]] void fail(const SourcePosition& position, const std::string& problem) {
  throw DataError(position, problem +
                                "; expected {\"text\": \"…\", \"ids\": [101, …]}, and where recorded \"pair\": "
                                "\"…\" and \"offsets\": [[0, 3], …]");
}

std::string text_of(const Json& row, const char* key, const SourcePosition& position) {
  if (!row[key].is_string()) fail(position, quote(key) + " must be a string");
  return row[key].get<std::string>();
}

bool is_list_of_integers(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& element) { return element.is_number_integer(); });
}

GoldenRow read_row(const Row& row, const SourcePosition& position) {
  Json object = Json::object();
  for (const auto& [name, value] : row.values()) {
    std::string text;
    value.append_json(text);
    object[name] = parse_json(text, position.file, ExitCode::kData, position.line);
  }
  for (const char* key : {"text", "ids"})
    if (!object.contains(key)) fail(position, "the row has no " + quote(key));
  GoldenRow golden{text_of(object, "text", position), std::nullopt, object["ids"], nullptr};
  if (object.contains("pair") && !object["pair"].is_null()) golden.pair = text_of(object, "pair", position);
  if (!is_list_of_integers(golden.ids)) fail(position, "'ids' must be a list of whole numbers");
  if (!object.contains("offsets") || object["offsets"].is_null()) return golden;
  golden.offsets = object["offsets"];
  if (!golden.offsets.is_array()) fail(position, "'offsets' must be a list");
  for (const Json& offset : golden.offsets)
    if (!is_list_of_integers(offset) || offset.size() != 2)
      fail(position, "'offsets' must hold pairs of whole numbers");
  return golden;
}

Json offsets_of(const Encoding& encoding) {
  Json offsets = Json::array();
  for (const Offset& offset : encoding.offsets) offsets.push_back(Json::array({offset.begin, offset.end}));
  return offsets;
}

Json difference(const char* what, const Json& expected, const Json& found) {
  std::size_t position = 0;
  while (position < std::min(expected.size(), found.size()) && expected[position] == found[position]) ++position;
  return {{"what", what}, {"position", position}, {"expected", expected}, {"found", found}};
}

}  // namespace

TokenizerVerification verify_tokenizer(const Tokenizer& tokenizer, RowReader& reader, bool add_special_tokens,
                                       std::size_t num_shown) {
  TokenizerVerification result;
  Row row;
  while (reader.next(row)) {
    const GoldenRow golden = read_row(row, {reader.name(), row.line(), 0});
    const bool with_offsets = !golden.offsets.is_null();
    Encoding encoding;
    std::optional<std::string_view> pair;
    if (golden.pair) pair = *golden.pair;
    tokenizer.encode_into(golden.text, pair, {.add_special_tokens = add_special_tokens, .offsets = with_offsets},
                          encoding);
    ++result.num_rows;
    Json found;
    if (golden.ids != Json(encoding.ids)) {
      found = difference("ids", golden.ids, Json(encoding.ids));
    } else if (with_offsets && golden.offsets != offsets_of(encoding)) {
      found = difference("offsets", golden.offsets, offsets_of(encoding));
    } else {
      continue;
    }
    if (static_cast<std::size_t>(result.num_different++) >= num_shown) continue;
    Json shown{{"line", row.line()}, {"text", golden.text}};
    if (golden.pair) shown["pair"] = *golden.pair;
    shown.update(found);
    result.first_differences.push_back(std::move(shown));
  }
  if (result.num_rows == 0) throw DataError({reader.name(), 0, 0}, "there are no rows in it");
  return result;
}

}  // namespace llmtool
