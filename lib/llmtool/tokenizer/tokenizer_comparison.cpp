#include "llmtool/tokenizer/tokenizer_comparison.h"

#include "llmtool/tokenizer/ratio.h"

namespace llmtool {
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

}  // namespace llmtool
