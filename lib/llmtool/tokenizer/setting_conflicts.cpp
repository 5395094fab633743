#include "llmtool/tokenizer/setting_conflicts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

constexpr const char* kConfigFile = "tokenizer_config.json";

std::string config_file(const TokenizerFiles& files) { return (files.directory / kConfigFile).string(); }

// The first part of a section, itself or within sequences, of one of the types; null without one.
const Json* find_part(const Json& section, std::string_view type) {
  if (section.is_object() && section.value("type", "") == type) return &section;
  if (section.is_structured())
    for (const Json& member : section)
      if (const Json* part = find_part(member, type)) return part;
  return nullptr;
}

const Json* find_part(const Json& document, const char* section, std::string_view type) {
  const auto found = document.find(section);
  return found == document.end() ? nullptr : find_part(*found, type);
}

std::optional<bool> flag_of(const Json& part, const char* key) {
  const auto found = part.find(key);
  return found != part.end() && found->is_boolean() ? std::optional(found->get<bool>()) : std::nullopt;
}

// What the pipeline of a tokenizer.json does; nothing where it has no part that could.
struct Pipeline {
  explicit Pipeline(const Json& document) {
    const Json* bert = find_part(document, "normalizer", "BertNormalizer");
    lowercases = find_part(document, "normalizer", "Lowercase") != nullptr ||
                 (bert != nullptr && flag_of(*bert, "lowercase").value_or(false));
    strips_accents = find_part(document, "normalizer", "StripAccents") != nullptr ||
                     (bert != nullptr && flag_of(*bert, "strip_accents").value_or(lowercases));
    splits_chinese = bert != nullptr && flag_of(*bert, "handle_chinese_chars").value_or(false);
    if (const Json* byte_level = find_part(document, "pre_tokenizer", "ByteLevel"))
      adds_prefix_space = flag_of(*byte_level, "add_prefix_space");
    if (const Json* metaspace = find_part(document, "pre_tokenizer", "Metaspace"))
      adds_prefix_space = metaspace->value("prepend_scheme", "always") != "never" &&
                          flag_of(*metaspace, "add_prefix_space").value_or(true);
  }

  bool lowercases;
  bool strips_accents;
  bool splits_chinese;
  std::optional<bool> adds_prefix_space;
};

// The model of tokenizer.json that a class of transformers is made of, where it is one of ours.
struct ClassModel {
  std::string_view tokenizer_class;
  std::string_view model;
};
constexpr std::array kClassModels{
    ClassModel{"BertTokenizer", "WordPiece"},     ClassModel{"DistilBertTokenizer", "WordPiece"},
    ClassModel{"ElectraTokenizer", "WordPiece"},  ClassModel{"MobileBertTokenizer", "WordPiece"},
    ClassModel{"GPT2Tokenizer", "BPE"},           ClassModel{"RobertaTokenizer", "BPE"},
    ClassModel{"XLMRobertaTokenizer", "Unigram"}, ClassModel{"AlbertTokenizer", "Unigram"},
    ClassModel{"DebertaV2Tokenizer", "Unigram"}};

class Comparison {
 public:
  Comparison(const TokenizerFiles& files, const TokenizerModel& model, const PostProcessor& post_processor)
      : files_(files), model_(model), post_processor_(post_processor), pipeline_(files.document) {
    const auto written = files.config.find("tokenizer_class");
    if (written != files.config.end() && written->is_string()) class_ = written->get<std::string>();
    std::string_view name = class_;
    if (name.ends_with("Fast")) name.remove_suffix(4);
    for (const ClassModel& row : kClassModels)
      if (row.tokenizer_class == name) class_model_ = row.model;
  }

  std::vector<SettingConflict> run() {
    compare_class();
    compare_normalizer();
    compare_flag("add_prefix_space", setting("add_prefix_space"), pipeline_.adds_prefix_space,
                 "puts a space before a text", "puts no space before a text");
    compare_ends("add_bos_token", "bos_token", "begins", 0);
    compare_ends("add_eos_token", "eos_token", "ends", -1);
    compare_truncation();
    compare_unknown_token();
    for (const char* key : {"cls_token", "sep_token"}) compare_frame_token(key);
    return std::move(conflicts_);
  }

 private:
  void add(const std::string& key, const std::string& value, const std::string& fact) {
    conflicts_.push_back({key, config_file(files_) + ": " + quote(key) + " is " + value + ", but tokenizer.json " +
                                   fact + "; tokenizer.json counts, let the two say the same"});
  }

  std::optional<bool> setting(const char* key) const { return flag_of(files_.config, key); }
  // What BERT's classes take it for, too, where it is not written.
  std::optional<bool> setting_or_default(const char* key, bool fallback) const {
    const auto written = setting(key);
    return written || class_model_ != "WordPiece" ? written : std::optional(fallback);
  }

  void compare_flag(const char* key, std::optional<bool> wanted, std::optional<bool> is, const char* fact_if_true,
                    const char* fact_if_false) {
    if (!wanted || !is || *wanted == *is) return;
    const std::string value = *wanted ? "true" : "false";
    add(key,
        value +
            (files_.config.contains(key) && !files_.config[key].is_null() ? "" : " (the default of " + class_ + ")"),
        *is ? fact_if_true : fact_if_false);
  }

  void compare_class() {
    if (!class_model_.empty() && class_model_ != model_.type())
      add("tokenizer_class", quote(class_) + ", whose model is " + std::string(class_model_),
          std::string("has the model ") + model_.type());
  }

  void compare_normalizer() {
    const auto lowercases = setting_or_default("do_lower_case", true);
    compare_flag("do_lower_case", lowercases, pipeline_.lowercases, "makes letters small", "keeps capital letters");
    // Where it is not written it follows do_lower_case, and so does the warning.
    compare_flag("strip_accents", setting("strip_accents"), pipeline_.strips_accents, "strips accents",
                 "keeps accents");
    compare_flag("keep_accents", setting("keep_accents"), !pipeline_.strips_accents, "keeps accents", "strips accents");
    compare_flag("tokenize_chinese_chars", setting_or_default("tokenize_chinese_chars", true), pipeline_.splits_chinese,
                 "sets Chinese characters apart", "does not set Chinese characters apart");
  }

  std::string name_of(const char* key) const { return special_token_name(files_, key, ""); }

  // The special tokens before (0) or behind (-1) a single text.
  std::vector<std::int32_t> frame(int side) const {
    const auto& layout = post_processor_.layout(false);
    if (layout.empty()) return {};
    const PostProcessor::Piece& piece = side == 0 ? layout.front() : layout.back();
    return piece.ids;
  }

  bool has_id(const std::vector<std::int32_t>& ids, const std::string& token) const {
    const auto id = id_of(token);
    return id && std::find(ids.begin(), ids.end(), *id) != ids.end();
  }

  // Of the vocabulary, or of tokenizer.json's added tokens.
  std::optional<std::int32_t> id_of(const std::string& token) const {
    if (const auto id = model_.find(token)) return id;
    const auto added = files_.document.find("added_tokens");
    if (added != files_.document.end())
      for (const Json& entry : *added)
        if (entry["content"] == token) return entry["id"].get<std::int32_t>();
    return std::nullopt;
  }

  void compare_ends(const char* key, const char* token_key, const char* verb, int side) {
    const std::string token = name_of(token_key);
    if (token.empty()) return;
    compare_flag(key, setting(key), has_id(frame(side), token), (std::string(verb) + " texts with it").c_str(),
                 (std::string(verb) + " no text with it").c_str());
  }

  void compare_truncation() {
    const auto side = files_.config.find("truncation_side");
    const auto section = files_.document.find("truncation");
    if (side == files_.config.end() || !side->is_string() || section == files_.document.end() || !section->is_object())
      return;
    const bool cuts_left = section->value("direction", "Right") == "Left";
    if ((*side == "left") != cuts_left)
      add("truncation_side", quote(side->get<std::string>()), cuts_left ? "cuts on the left" : "cuts on the right");
  }

  void compare_unknown_token() {
    const std::string name = name_of("unk_token");
    const auto id = model_.unk_id();
    if (name.empty() || !id || model_.find(name) == id) return;
    add("unk_token", quote(name), "takes " + quote(model_.vocabulary().token(*id).value_or("")) + " for unknown words");
  }

  void compare_frame_token(const char* key) {
    const std::string name = name_of(key);
    std::vector<std::int32_t> ids;
    for (const PostProcessor::Piece& piece : post_processor_.layout(false))
      ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
    if (!name.empty() && !ids.empty() && !has_id(ids, name)) add(key, quote(name), "does not put it around a text");
  }

  const TokenizerFiles& files_;
  const TokenizerModel& model_;
  const PostProcessor& post_processor_;
  Pipeline pipeline_;
  std::string class_;
  std::string_view class_model_;
  std::vector<SettingConflict> conflicts_;
};

}  // namespace

std::vector<SettingConflict> find_setting_conflicts(const TokenizerFiles& files, const TokenizerModel& model,
                                                    const PostProcessor& post_processor) {
  if (files.is_built) return {};
  return Comparison(files, model, post_processor).run();
}

void refuse_unsupported_settings(const TokenizerFiles& files) {
  if (config_flag(files.config, "split_special_tokens", false, config_file(files)))
    throw ModelError({config_file(files), 0, 0},
                     "'split_special_tokens': true is not supported: special tokens in a text are not split");
}

}  // namespace llmtool
