#include "llmtool/tokenizer/pattern.h"

#include <oniguruma.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

// A range of characters that an Oniguruma older than the one in the tokenizers library takes for another kind, mostly
// for unassigned, and a character of their kind that every version knows; both as long in UTF-8.
struct StandIn {
  char32_t first;
  char32_t last;
  char32_t known;
};

#include "llmtool/tokenizer/regex_character_kinds.inc"

const StandIn* find_stand_in(char32_t c) {
  const auto found = std::lower_bound(std::begin(kStandIns), std::end(kStandIns), c,
                                      [](const StandIn& row, char32_t value) { return row.last < value; });
  return found != std::end(kStandIns) && found->first <= c ? &*found : nullptr;
}

// The text as the expression is to see it, in `changed` where it differs.
std::string_view with_stand_ins(std::string_view text, std::string& changed) {
  const auto may_be_new = [](char byte) { return static_cast<unsigned char>(byte) >= 0xe0; };  // three bytes or four
  if (std::none_of(text.begin(), text.end(), may_be_new)) return text;
  bool differs = false;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = decode_utf8(text, position);
    const StandIn* stand_in = find_stand_in(c);
    differs = differs || stand_in != nullptr;
    append_utf8(stand_in != nullptr ? stand_in->known : c, changed);
  }
  return differs ? std::string_view(changed) : text;
}

// Kinds of characters on which this Oniguruma and the one in the tokenizers library agree for every code point, beside
// the short names of general categories.
constexpr std::string_view kAgreedKinds[] = {"Letter", "Mark",   "Number", "Punctuation", "Symbol", "Separator",
                                             "Han",    "Hangul", "Thai",   "Greek",       "Hebrew"};
constexpr std::string_view kDifferingBrackets[] = {"alnum", "alpha", "lower", "punct"};

bool is_general_category(std::string_view name) {
  constexpr std::string_view kMajor = "LMNPSZC";
  return (name.size() == 1 || (name.size() == 2 && name[1] >= 'a' && name[1] <= 'z')) &&
         kMajor.find(name[0]) != std::string_view::npos;
}

// Throws for a kind that would match other characters than in the library.
void refuse_differing_kinds(const std::string& pattern) {
  const auto refuse = [&](const std::string& kind) {
    throw std::invalid_argument("the regular expression " + quote(pattern) + " uses " + kind +
                                ", which differs between versions of Unicode and is not supported");
  };
  for (const std::string_view name : kDifferingBrackets)
    for (const std::string& kind : {"[:" + std::string(name) + ":]", "[:^" + std::string(name) + ":]"})
      if (pattern.find(kind) != std::string::npos) refuse(kind);
  for (std::size_t at = 0; (at = pattern.find('\\', at)) != std::string::npos; at += 2) {
    if (at + 2 >= pattern.size() || (pattern[at + 1] != 'p' && pattern[at + 1] != 'P') || pattern[at + 2] != '{')
      continue;
    const std::size_t end = pattern.find('}', at);
    std::string_view name = std::string_view(pattern).substr(at + 3, end == std::string::npos ? end : end - at - 3);
    if (name.starts_with('^')) name.remove_prefix(1);
    if (!is_general_category(name) &&
        std::find(std::begin(kAgreedKinds), std::end(kAgreedKinds), name) == std::end(kAgreedKinds))
      refuse("\\p{" + std::string(name) + "}");
  }
}

// Steps back that one search may take: a second of work at most. A text may take besides as many for all its searches
// together as its length gives, or a search that is just affordable at each of its places would take hours.
constexpr unsigned long kMostRetries = 10'000'000;
constexpr unsigned long kRetriesPerByte = 1'000;
// Oniguruma does not tell how many steps a search took: it is tried with few, which cost nothing, then with more.
constexpr unsigned long kFreeRetries = 1'000;
constexpr unsigned long kRetryFactor = 4;
constexpr std::size_t kLongestExpression = std::size_t{1} << 16;
constexpr unsigned int kLargestMatchStack = 1'000'000;

const OnigUChar* bytes_of(std::string_view text) { return reinterpret_cast<const OnigUChar*>(text.data()); }

std::string reason_of(int code, OnigErrorInfo* info) {
  OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN] = {};
  const int length = info != nullptr ? onig_error_code_to_str(text, code, info) : onig_error_code_to_str(text, code);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)};
}

void initialize() {
  static std::once_flag once;
  std::call_once(once, [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    onig_initialize(encodings, 1);
  });
}

// The searches of one text: their limits, and where the last match is.
class Search {
 public:
  Search(OnigRegex compiled, std::string_view text)
      : compiled_(compiled), text_(text), budget_(2 * kMostRetries + kRetriesPerByte * text.size()) {
    onig_initialize_match_param(limits_.get());
    onig_set_match_stack_limit_size_of_match_param(limits_.get(), kLargestMatchStack);
  }

  // Oniguruma's result for the first match from byte `from` on.
  int find(std::size_t from) {
    int result = 0;
    for (unsigned long retries = kFreeRetries;; retries = std::min(retries * kRetryFactor, most_)) {
      result = find(from, retries);
      const bool gave_up = result == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || result == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER;
      if (retries > kFreeRetries) budget_ -= std::min(budget_, retries);
      most_ = std::min(kMostRetries, budget_);
      if (!gave_up || retries >= most_) return result;
    }
  }
  ByteRange match() const {
    return {static_cast<std::size_t>(region_->beg[0]), static_cast<std::size_t>(region_->end[0])};
  }

 private:
  int find(std::size_t from, unsigned long retries) {
    onig_set_retry_limit_in_match_of_match_param(limits_.get(), retries);
    onig_set_retry_limit_in_search_of_match_param(limits_.get(), retries);
    const OnigUChar* begin = bytes_of(text_);
    return onig_search_with_param(compiled_, begin, begin + text_.size(), begin + from, begin + text_.size(),
                                  region_.get(), ONIG_OPTION_NONE, limits_.get());
  }

  OnigRegex compiled_;
  std::string_view text_;
  unsigned long budget_;  // steps left to the whole text
  unsigned long most_ = kMostRetries;
  std::unique_ptr<OnigMatchParam, void (*)(OnigMatchParam*)> limits_{onig_new_match_param(), onig_free_match_param};
  std::unique_ptr<OnigRegion, void (*)(OnigRegion*)> region_{onig_region_new(),
                                                             [](OnigRegion* region) { onig_region_free(region, 1); }};
};

std::size_t next_character(std::string_view text, std::size_t position) {
  if (position < text.size())
    decode_utf8(text, position);
  else
    ++position;
  return position;
}

}  // namespace

RegularExpression::RegularExpression(const std::string& pattern) : pattern_(pattern) {
  if (pattern_.size() > kLongestExpression)
    throw std::invalid_argument("the regular expression " + quote(pattern_) + " is longer than " +
                                std::to_string(kLongestExpression) + " bytes");
  std::string changed;
  if (with_stand_ins(pattern_, changed) != pattern_)
    throw std::invalid_argument("the regular expression " + quote(pattern_) +
                                " holds a character newer than Unicode 14, which is not supported");
  refuse_differing_kinds(pattern_);
  initialize();
  OnigRegex compiled = nullptr;
  OnigErrorInfo info{};
  const int result = onig_new(&compiled, bytes_of(pattern_), bytes_of(pattern_) + pattern_.size(), ONIG_OPTION_NONE,
                              ONIG_ENCODING_UTF8, ONIG_SYNTAX_RUBY, &info);
  if (result != ONIG_NORMAL)
    throw std::invalid_argument("the regular expression " + quote(pattern_) + " is wrong: " + reason_of(result, &info));
  compiled_ = std::shared_ptr<void>(compiled, [](void* held) { onig_free(static_cast<OnigRegex>(held)); });
}

std::vector<ByteRange> RegularExpression::find_all(std::string_view original) const {
  // Even an expression that matches nothing does not match there (the library's find_matches).
  if (original.empty()) return {};
  std::string changed;
  const std::string_view text = with_stand_ins(original, changed);
  Search search(static_cast<OnigRegex>(compiled_.get()), text);
  std::vector<ByteRange> matches;
  for (std::size_t from = 0; from <= text.size();) {
    const int result = search.find(from);
    if (result == ONIG_MISMATCH) break;
    if (result < 0)
      throw DataError("the tokenizer's regular expression " + quote(pattern_) + " gives up on the text from byte " +
                      std::to_string(from) + " on: " + reason_of(result, nullptr));
    const ByteRange match = search.match();
    // An empty match right behind another one is none (as the library's find_iter).
    const bool is_empty = match.begin == match.end;
    if (!is_empty || matches.empty() || matches.back().end != match.end) matches.push_back(match);
    from = is_empty ? next_character(text, match.end) : match.end;
  }
  return matches;
}

Pattern Pattern::read(ComponentReader& reader, std::string_view key) {
  ComponentReader json = reader.child(reader.value(key), std::string(key));
  Pattern pattern;
  if (json.has("Regex")) {
    try {
      pattern.expression_.emplace(json.string("Regex"));
    } catch (const std::invalid_argument& error) {
      json.fail(error.what());
    }
  } else {
    pattern.literal_ = json.string("String");
    if (pattern.literal_.empty()) reader.fail(quote(std::string(key)) + " must not be empty");
  }
  json.finish();
  return pattern;
}

std::vector<ByteRange> Pattern::find_all(std::string_view text) const {
  if (expression_) return expression_->find_all(text);
  std::vector<ByteRange> matches;
  for (std::size_t at = text.find(literal_); at != std::string_view::npos;
       at = text.find(literal_, at + literal_.size()))
    matches.push_back({at, at + literal_.size()});
  return matches;
}

std::string Pattern::replace_all(const std::string& text, std::string_view replacement, std::size_t most_bytes) const {
  std::string replaced;
  std::size_t kept = 0;
  for (const ByteRange& match : find_all(text)) {
    if (replaced.size() + match.begin - kept + replacement.size() > most_bytes)
      throw DataError("decoded as the tokenizer has it, the text grows without bound; see whether it is damaged");
    replaced.append(text, kept, match.begin - kept).append(replacement);
    kept = match.end;
  }
  return replaced.append(text, kept);
}

std::vector<std::pair<std::size_t, std::size_t>> in_characters(const std::vector<ByteRange>& ranges,
                                                               std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> counted;
  counted.reserve(ranges.size());
  std::size_t position = 0;
  std::size_t character = 0;
  const auto count_to = [&](std::size_t byte) {
    character += count_code_points(text.substr(position, byte - position));
    position = byte;
    return character;
  };
  for (const ByteRange& range : ranges) {
    const std::size_t begin = count_to(range.begin);
    counted.emplace_back(begin, count_to(range.end));
  }
  return counted;
}

}  // namespace llmtool
