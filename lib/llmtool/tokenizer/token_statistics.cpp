#include "llmtool/tokenizer/token_statistics.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/ratio.h"
#include "llmtool/tokenizer/word_counts.h"

namespace llmtool {
namespace {

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

}  // namespace llmtool
