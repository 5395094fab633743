#include "llmtool/tokenizer/tokenizer_state.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/pre_tokenizer.h"
#include "llmtool/tokenizer/scanner.h"

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

namespace {

// transformers writes int(1e30) where there is no limit.
constexpr std::int64_t kLargestRealLimit = 1'000'000'000;

std::optional<std::int64_t> read_model_max_length(const Json& config) {
  auto found = config.find("model_max_length");
  if (found == config.end()) found = config.find("max_len");  // its name in old files
  if (found == config.end() || !found->is_number_integer()) return std::nullopt;
  const auto length = found->get<std::int64_t>();
  if (length <= 0 || length > kLargestRealLimit) return std::nullopt;
  return length;
}

std::optional<TruncationSide> read_truncation_side(const TokenizerFiles& files) {
  const auto found = files.config.find("truncation_side");
  if (found == files.config.end() || found->is_null()) return std::nullopt;
  const auto side = found->is_string() ? enum_from_name<TruncationSide>(found->get<std::string>()) : std::nullopt;
  if (!side)
    throw ModelError({(files.directory / "tokenizer_config.json").string(), 0, 0},
                     "'truncation_side' must be right or left, found " + to_json_text(*found));
  return side;
}

// Each is applied to every text; published tokenizers have at most a few dozen.
constexpr int kMostComponents = 1'000;

// Objects with a type, those within others included; `section` is nested as deeply as JSON may be.
int count_components(const Json& section) {
  int count = section.is_object() && section.contains("type") ? 1 : 0;
  if (section.is_structured())
    for (const Json& member : section) count += count_components(member);
  return count;
}

void require_few_components(const ComponentReader& reader, const Json& document) {
  for (const char* key : {"normalizer", "pre_tokenizer", "post_processor", "decoder"})
    if (const auto found = document.find(key); found != document.end() && count_components(*found) > kMostComponents)
      reader.fail(std::string(key) + ": has more than " + std::to_string(kMostComponents) +
                  " parts, the most it may have");
}

// A merge a line, however the file writes them.
std::string merge_lines(const Json& model) {
  std::string lines;
  const auto merges = model.find("merges");
  if (merges == model.end()) return lines;
  for (const Json& merge : *merges)
    lines += (merge.is_array() ? merge[0].get<std::string>() + " " + merge[1].get<std::string>()
                               : merge.get<std::string>()) +
             "\n";
  return lines;
}

// Two tokenizers with equal sections hash equally whatever the order of their keys.
std::string sorted_text(const Json& section) { return nlohmann::json::parse(section.dump()).dump(); }

}  // namespace

Tokenizer::State::State(TokenizerFiles tokenizer_files) : files(std::move(tokenizer_files)) {
  refuse_unsupported_settings(files);
  read_components();
  scanner = make_scanner();
  for (std::size_t i = 0; i < kTokenRoles.size(); ++i)
    role_ids[i] = find(special_token_name(files, kTokenRoles[i].key, kTokenRoles[i].usual_name));
  if (!role_ids[1]) role_ids[1] = model->unk_id();
  model_max_length = read_model_max_length(files.config);
  truncation_side = read_truncation_side(files);
  for (SettingConflict& conflict : find_setting_conflicts(files, *model, post_processor))
    warnings.push_back(std::move(conflict.message));
  content_hash = hash_content();
}

void Tokenizer::State::read_components() {
  ComponentReader document(files.document, files.source, "");
  for (const char* key : {"version", "truncation", "padding"}) document.ignore(key);
  if (document.has("version") && document.string("version") != "1.0")
    document.fail("version " + quote(document.string("version")) + " is not supported; supported: 1.0");
  require_few_components(document, files.document);
  const auto component = [&](const char* key) { return document.child(document.value(key), key); };

  if (document.has("normalizer")) normalizer = make_normalizer(component("normalizer"));
  if (document.has("pre_tokenizer")) pre_tokenizer = make_pre_tokenizer(component("pre_tokenizer"));
  if (document.has("post_processor")) post_processor = make_post_processor(component("post_processor"));
  decoder = document.has("decoder") ? make_decoder(component("decoder")) : std::make_unique<PlainDecoder>();
  model = make_model(component("model"));
  read_added_tokens(document);
  if (add_stored_tokens(files, known_tokens())) read_added_tokens(document);
  document.finish();
  require_known_special_tokens(document);
}

void Tokenizer::State::read_added_tokens(ComponentReader& document) {
  added_tokens.emplace(
      document.has("added_tokens") ? document.list("added_tokens") : std::vector<ComponentReader>{},
      [this](std::string_view token) { return model->find(token); }, model->vocabulary().size(),
      [this, &document](const std::string& content) {
        try {
          return normalized(content);
        } catch (const DataError& error) {
          document.fail("added_tokens: " + quote(content) + ": " + error.what());
        }
      });
}

KnownTokens Tokenizer::State::known_tokens() const {
  KnownTokens known;
  known.find = [this](std::string_view content) { return find(content); };
  known.token = [this](std::int32_t id) { return token(id); };
  known.next_id = model->vocabulary().size();
  for (const AddedToken* added : added_tokens->tokens()) known.next_id += model->find(added->content) ? 0 : 1;
  return known;
}

std::unique_ptr<Scanner> Tokenizer::State::make_scanner() const {
  const auto* bert_normalizer = dynamic_cast<const BertNormalizer*>(normalizer.get());
  const auto* word_piece = dynamic_cast<const WordPiece*>(model.get());
  const bool splits_as_bert = dynamic_cast<const BertPreTokenizer*>(pre_tokenizer.get()) != nullptr;
  if (bert_normalizer && word_piece && splits_as_bert && added_tokens->normalized().empty())
    return std::make_unique<BertScanner>(bert_normalizer->options(), *word_piece);
  const auto* byte_level = dynamic_cast<const ByteLevelPreTokenizer*>(pre_tokenizer.get());
  const auto* bpe = dynamic_cast<const Bpe*>(model.get());
  if (!normalizer && byte_level && bpe) return std::make_unique<ByteLevelScanner>(byte_level->options(), *bpe);
  return nullptr;
}

// An id of no token would reach past the model's embedding.
void Tokenizer::State::require_known_special_tokens(const ComponentReader& document) const {
  for (const bool pair : {false, true})
    for (const PostProcessor::Piece& piece : post_processor.layout(pair))
      for (const std::int32_t id : piece.ids)
        if (!token(id))
          document.fail("post_processor: adds the id " + std::to_string(id) + ", which no token of the vocabulary has");
}

std::optional<std::int32_t> Tokenizer::State::find(std::string_view token) const {
  if (const auto id = added_tokens->find(token)) return id;
  return model->find(token);
}

std::string Tokenizer::State::normalized(const std::string& text) const {
  NormalizedText characters(text, 0);
  if (normalizer) normalizer->normalize(characters);
  return characters.to_utf8();
}

std::optional<std::string_view> Tokenizer::State::token(std::int32_t id) const {
  if (const AddedToken* token = added_tokens->token(id)) return token->content;
  return model->vocabulary().token(id);
}

std::string Tokenizer::State::hash_content() const {
  Sha256 hash;
  for (const char* key : {"normalizer", "pre_tokenizer", "post_processor", "decoder", "added_tokens"}) {
    const auto found = files.document.find(key);
    hash.update(std::string(key) + "=" + (found == files.document.end() ? "null" : sorted_text(*found)) + "\n");
  }
  for (const auto& [key, value] : files.document["model"].items())
    // A list has scores, which count; the tokens and ids of an object follow below, by id.
    if ((key != "vocab" || value.is_array()) && key != "merges" && key != "type")
      hash.update("model." + key + "=" + sorted_text(value) + "\n");
  hash.update(merge_lines(files.document["model"]));
  std::vector<std::pair<std::int32_t, std::string_view>> tokens;
  for (const auto& [token, id] : model->vocabulary().entries()) tokens.emplace_back(id, token);
  std::sort(tokens.begin(), tokens.end());
  std::string block;
  for (const auto& [id, token] : tokens) block += std::to_string(id) + " " + std::string(token) + "\n";
  hash.update(block);
  return hash.hex_digest();
}

}  // namespace llmtool
