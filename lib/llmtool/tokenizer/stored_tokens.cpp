#include "llmtool/tokenizer/stored_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

constexpr const char* kDecoderKey = "added_tokens_decoder";
constexpr const char* kExtraKey = "extra_special_tokens";
constexpr const char* kAdditionalKey = "additional_special_tokens";  // its name until transformers 5
constexpr const char* kConfigFile = "tokenizer_config.json";
constexpr const char* kMapFile = "special_tokens_map.json";
constexpr const char* kAddedTokensFile = "added_tokens.json";

// In the order in which transformers adds them.
constexpr std::array<std::string_view, 7> kRoleKeys{"bos_token", "eos_token", "unk_token", "sep_token",
                                                    "pad_token", "cls_token", "mask_token"};

struct StoredToken {
  std::optional<std::int64_t> id;  // where the file lists one
  Json entry;
  const char* file;
  std::string key;                // of the file
  bool sets_flags = false;        // also those of a token that is an added one already
  bool is_named_by_text = false;  // in tokenizer_config.json
};

std::ptrdiff_t role_number(std::string_view key) {
  return std::find(kRoleKeys.begin(), kRoleKeys.end(), key) - kRoleKeys.begin();
}

std::string content_of(const Json& entry) { return entry.at("content").get<std::string>(); }

// The tokens the files list, and those they list in vain, as transformers reads them
// (PreTrainedTokenizerBase._from_pretrained and TokenizersBackend.__init__).
class Listing {
 public:
  explicit Listing(const TokenizerFiles& files)
      : files_(files), has_decoder_(files.config.contains(kDecoderKey) && !files.config[kDecoderKey].is_null()) {
    read_named();
    read_further();
    if (has_decoder_)
      read_decoder();
    else
      read_added_tokens_file();
    tokens_.insert(tokens_.end(), named_.begin(), named_.end());
    tokens_.insert(tokens_.end(), further_.begin(), further_.end());
  }

  const std::vector<StoredToken>& tokens() const { return tokens_; }
  const std::vector<StoredToken>& unread() const { return unread_; }
  [[noreturn]] void fail(const StoredToken& token, const std::string& message) const {
    fail(token.file, quote(token.key) + ": the token " + quote(content_of(token.entry)) + " " + message);
  }

 private:
  [[noreturn]] void fail(const char* file, const std::string& message) const {
    throw ModelError({(files_.directory / file).string(), 0, 0}, message);
  }

  StoredToken read(const Json& written, bool special, const char* file, const std::string& key) const {
    auto entry = added_token_entry(written, special);
    if (!entry) fail(file, quote(key) + " must be a token: a text, or an object with its content and settings");
    return {std::nullopt, std::move(*entry), file, key};
  }

  // Whether a text or an object that looks like a token stands there; flags such as add_bos_token do not.
  static bool is_token(const Json& written) {
    return written.is_string() || (written.is_object() && written.contains("content"));
  }

  void read_named() {
    read_names(files_.config, kConfigFile, true);
    // Without an added_tokens_decoder it overrules tokenizer_config.json, with one it is not read.
    read_names(files_.special_tokens_map, kMapFile, !has_decoder_);
    // Those of roles it does not know come last, what is a text in tokenizer_config.json behind the others.
    const auto place = [](const StoredToken& token) {
      const auto number = role_number(token.key);
      return number + (number == std::ssize(kRoleKeys) && token.is_named_by_text ? 1 : 0);
    };
    std::stable_sort(named_.begin(), named_.end(),
                     [&](const StoredToken& a, const StoredToken& b) { return place(a) < place(b); });
  }

  // Every key that ends so names a token with a role, be it one of a model we do not know.
  void read_names(const Json& settings, const char* file, bool is_read) {
    for (const auto& [key, written] : settings.items()) {
      if (!key.ends_with("_token") || !is_token(written)) continue;
      StoredToken token = read(written, true, file, key);
      token.is_named_by_text = file == kConfigFile && written.is_string();
      if (!is_read) {
        unread_.push_back(std::move(token));
      } else if (const auto [known, is_new] = number_of_name_.emplace(key, named_.size()); is_new) {
        named_.push_back(std::move(token));
      } else {
        named_[known->second] = std::move(token);
      }
    }
  }

  // A list, or an object of names and tokens, which count as tokens with a role.
  void read_list(const Json& settings, const char* key, const char* file, bool is_read) {
    const auto found = settings.find(key);
    if (found == settings.end() || found->is_null()) return;
    if (!found->is_structured()) fail(file, quote(key) + " must be a list of tokens, or an object of names and tokens");
    std::vector<StoredToken>& list = !is_read ? unread_ : found->is_object() ? named_ : further_;
    for (const Json& written : *found) list.push_back(read(written, true, file, key));
  }

  void read_further() {
    const bool has_extra = files_.config.contains(kExtraKey);
    const bool has_any = has_extra || files_.config.contains(kAdditionalKey);
    read_list(files_.config, kExtraKey, kConfigFile, true);
    read_list(files_.config, kAdditionalKey, kConfigFile, !has_extra);
    read_list(files_.special_tokens_map, kExtraKey, kMapFile, !has_decoder_);
    read_list(files_.special_tokens_map, kAdditionalKey, kMapFile,
              !has_decoder_ && !has_any && !files_.special_tokens_map.contains(kExtraKey));
  }

  void read_decoder() {
    const Json& decoder = files_.config[kDecoderKey];
    if (!decoder.is_object()) fail(kConfigFile, quote(kDecoderKey) + " must be an object of ids and tokens");
    const std::set<std::string> named = contents_of(named_);
    std::map<std::int64_t, StoredToken> by_id;
    for (const auto& [text, written] : decoder.items()) {
      std::int64_t id = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
      if (error != std::errc() || end != text.data() + text.size() || id < 0)
        fail(kConfigFile, quote(kDecoderKey) + ": " + quote(text) + " is no id");
      StoredToken token = read(written, false, kConfigFile, kDecoderKey);
      if (named.contains(content_of(token.entry))) token = read(written, true, kConfigFile, kDecoderKey);
      token.id = id;
      token.sets_flags = true;
      by_id.emplace(id, std::move(token));
    }
    for (auto& [id, token] : by_id) tokens_.push_back(std::move(token));
    read_added_tokens(unread_);
  }

  void read_added_tokens_file() {
    read_added_tokens(tokens_);
    std::stable_sort(tokens_.begin(), tokens_.end(),
                     [](const StoredToken& a, const StoredToken& b) { return a.id < b.id; });
  }

  void read_added_tokens(std::vector<StoredToken>& list) const {
    std::set<std::string> specials = contents_of(named_);
    for (const StoredToken& token : further_)
      // transformers does not look at the old name there.
      if (token.file != kMapFile || token.key != kAdditionalKey) specials.insert(content_of(token.entry));
    for (const auto& [content, id] : files_.added_tokens.items()) {
      if (!id.is_number_unsigned()) fail(kAddedTokensFile, "the id of " + quote(content) + " must be a whole number");
      const bool special = specials.contains(content);
      StoredToken token = read(content, special, kAddedTokensFile, content);
      token.entry["special"] = special;
      token.entry["normalized"] = !special;
      token.id = id.get<std::int64_t>();
      list.push_back(std::move(token));
    }
  }

  static std::set<std::string> contents_of(const std::vector<StoredToken>& tokens) {
    std::set<std::string> contents;
    for (const StoredToken& token : tokens) contents.insert(content_of(token.entry));
    return contents;
  }

  const TokenizerFiles& files_;
  bool has_decoder_;
  std::vector<StoredToken> named_;
  std::map<std::string, std::size_t> number_of_name_;
  std::vector<StoredToken> further_;
  std::vector<StoredToken> tokens_;
  std::vector<StoredToken> unread_;
};

// Adds one token after the other to the document.
class Adding {
 public:
  Adding(const Listing& listing, TokenizerFiles& files, const KnownTokens& known)
      : listing_(listing), files_(files), known_(known), next_id_(known.next_id) {
    const auto list = files_.document.find("added_tokens");
    if (list == files_.document.end()) return;
    // Of a token that stands twice the last entry counts.
    for (std::size_t i = 0; i < list->size(); ++i) position_of_[content_of((*list)[i])] = i;
  }

  void add(const StoredToken& stored) {
    const std::string content = content_of(stored.entry);
    if (content.empty()) return;
    const std::int64_t id = id_of(stored, content);
    const bool is_added = position_of_.contains(content);
    if (is_added && !stored.sets_flags) return;
    if (is_added)
      set_flags(stored.entry, content);
    else
      append(stored.entry, content, id);
  }

  // A token that transformers does not look at is no harm where it is known anyway.
  void require_known(const StoredToken& stored) const {
    const std::string content = content_of(stored.entry);
    if (content.empty() || known_.find(content) || new_ids_.contains(content)) return;
    listing_.fail(stored,
                  "is in no file that counts: beside an added_tokens_decoder or another list in "
                  "tokenizer_config.json this one is not read; list it there, or take it out here");
  }

  bool has_changed() const { return has_changed_; }

 private:
  // Throws for an id that is listed and not the one the token has or gets.
  std::int64_t id_of(const StoredToken& stored, const std::string& content) {
    const auto new_id = new_ids_.find(content);
    const auto known_id = known_.find(content);
    const bool is_new = !known_id && new_id == new_ids_.end();
    const std::int64_t id = known_id ? *known_id : is_new ? next_id_ : new_id->second;
    if (stored.id && *stored.id != id)
      listing_.fail(stored, "is listed with the id " + std::to_string(*stored.id) +
                                (is_new ? ", but the next id behind the vocabulary is " + std::to_string(id) +
                                              "; ids follow one another without gaps, each with one token"
                                        : ", but has the id " + std::to_string(id) + " already"));
    if (is_new && known_.token(static_cast<std::int32_t>(id)))
      listing_.fail(stored, "would get the id " + std::to_string(id) + ", which " +
                                quote(*known_.token(static_cast<std::int32_t>(id))) + " has");
    return id;
  }

  void append(const Json& entry, const std::string& content, std::int64_t id) {
    Json numbered{{"id", id}};
    numbered.update(entry);
    Json& list = files_.document["added_tokens"];
    position_of_[content] = list.size();
    list.push_back(std::move(numbered));
    has_changed_ = true;
    if (id == next_id_ && !known_.find(content)) ++next_id_;
    new_ids_.emplace(content, id);
  }

  void set_flags(const Json& entry, const std::string& content) {
    Json& written = files_.document["added_tokens"][position_of_.at(content)];
    for (const auto& [key, value] : entry.items()) {
      has_changed_ = has_changed_ || written[key] != value;
      written[key] = value;
    }
  }

  const Listing& listing_;
  TokenizerFiles& files_;
  const KnownTokens& known_;
  std::int64_t next_id_;
  std::map<std::string, std::int64_t> new_ids_;
  std::map<std::string, std::size_t> position_of_;  // in the document's list
  bool has_changed_ = false;
};

}  // namespace

bool add_stored_tokens(TokenizerFiles& files, const KnownTokens& known) {
  const Listing listing(files);
  Adding adding(listing, files, known);
  for (const StoredToken& token : listing.tokens()) adding.add(token);
  for (const StoredToken& token : listing.unread()) adding.require_known(token);
  return adding.has_changed();
}

std::optional<Json> added_token_entry(const Json& written, bool special) {
  if (written.is_string())
    return Json{{"content", written}, {"single_word", false}, {"lstrip", false},
                {"rstrip", false},    {"normalized", false},  {"special", true}};
  if (!written.is_object() || !written.contains("content") || !written["content"].is_string()) return std::nullopt;
  const bool is_special = special || written.value("special", Json(false)) == Json(true);
  Json entry{{"content", written["content"]}, {"single_word", false}, {"lstrip", false}, {"rstrip", false},
             {"normalized", !is_special},     {"special", is_special}};
  for (const auto& [key, value] : written.items()) {
    if (key == "content" || key == "special" || key == "__type" || key == "id") continue;
    if (!entry.contains(key) || !value.is_boolean()) return std::nullopt;
    entry[key] = value;
  }
  return entry;
}

}  // namespace llmtool
