#include "llmtool/tokenizer/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/tokenizer/scanner.h"
#include "llmtool/tokenizer/stored_tokens.h"
#include "llmtool/tokenizer/tokenizer_state.h"
#include "llmtool/tokenizer/vocabulary.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Classes of transformers whose pipeline is BERT's own.
constexpr std::array<std::string_view, 8> kBertClasses{
    "BertTokenizer",    "BertTokenizerFast",    "DistilBertTokenizer", "DistilBertTokenizerFast",
    "ElectraTokenizer", "ElectraTokenizerFast", "MobileBertTokenizer", "MobileBertTokenizerFast"};

Json read_optional_object(const fs::path& path) {
  if (!path_exists(path)) return Json::object();
  Json object = read_json_file(path.string(), ExitCode::kModel);
  if (!object.is_object()) throw ModelError({path.string(), 0, 0}, "must hold a JSON object");
  return object;
}

[[noreturn]] void fail_missing(const fs::path& directory) {
  const std::string place = quote(directory.string());
  if (!path_exists(directory))
    throw ModelError("there is no folder " + place +
                     "; give the path of a folder that holds tokenizer.json, or the vocabulary (names of models on the "
                     "Hugging Face hub are not looked up: there is no network at run time)");
  throw ModelError("no tokenizer in " + place +
                   ": looked for tokenizer.json, vocab.txt, vocab.json with merges.txt, and a SentencePiece file "
                   "(sentencepiece.bpe.model, spiece.model, spm.model); copy them from where the model comes from");
}

void require_bert_settings(const Json& config, const std::string& file) {
  const auto found = config.find("tokenizer_class");
  if (found != config.end() && found->is_string() &&
      std::find(kBertClasses.begin(), kBertClasses.end(), found->get<std::string>()) == kBertClasses.end())
    throw ModelError({file, 0, 0}, "a vocab.txt of the tokenizer_class " + quote(found->get<std::string>()) +
                                       " is not supported yet; put the model's tokenizer.json beside it");
  if (!config_flag(config, "do_basic_tokenize", true, file))
    throw ModelError({file, 0, 0}, "'do_basic_tokenize': false is not supported");
  if (config.contains("never_split") && !config["never_split"].is_null() && !config["never_split"].empty())
    throw ModelError({file, 0, 0}, "'never_split' is not supported");
}

Json sequence_piece(const char* id, int type_id) { return {{"Sequence", {{"id", id}, {"type_id", type_id}}}}; }
Json token_piece(const std::string& id, int type_id) { return {{"SpecialToken", {{"id", id}, {"type_id", type_id}}}}; }

// What transformers' BertTokenizer builds from the same files, written as a tokenizer.json.
void build_bert_document(TokenizerFiles& files, const fs::path& directory) {
  const std::string config_file = (directory / "tokenizer_config.json").string();
  require_bert_settings(files.config, config_file);
  Json vocabulary = read_vocabulary_lines(directory / "vocab.txt");

  std::map<std::string, std::size_t> ids;
  for (const auto& [token, id] : vocabulary.items()) ids[token] = id.get<std::size_t>();
  const auto id_of = [&](const std::string& token) {
    const auto found = ids.find(token);
    if (found == ids.end())
      throw ModelError({files.source, 0, 0},
                       "the special token " + quote(token) +
                           " is not in the vocabulary; name the one used in tokenizer_config.json");
    return found->second;
  };
  std::map<std::size_t, Json> added;  // by id
  for (const char* name : {"PAD", "UNK", "CLS", "SEP", "MASK"}) {
    std::string key = std::string(name) + "_token";
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::string token = special_token_name(files, key, std::string("[").append(name).append("]"));
    // Only pre-training needs a mask, and padding that the files name may be an added token.
    const bool is_optional = std::string_view(name) == "MASK" || (std::string_view(name) == "PAD" && token != "[PAD]");
    if (is_optional && !ids.contains(token)) continue;
    added[id_of(token)] = special_token_entry(files, key, token, id_of(token));
  }
  const std::string cls = special_token_name(files, "cls_token", "[CLS]");
  const std::string sep = special_token_name(files, "sep_token", "[SEP]");
  const bool lowercases = config_flag(files.config, "do_lower_case", true, config_file);
  const bool has_strip = files.config.contains("strip_accents") && !files.config["strip_accents"].is_null();

  Json document = Json::object();
  document["version"] = "1.0";
  document["truncation"] = nullptr;
  document["padding"] = nullptr;
  document["added_tokens"] = Json::array();
  for (auto& [id, token] : added) document["added_tokens"].push_back(std::move(token));
  document["normalizer"] = {
      {"type", "BertNormalizer"},
      {"clean_text", true},
      {"handle_chinese_chars", config_flag(files.config, "tokenize_chinese_chars", true, config_file)},
      {"strip_accents",
       has_strip ? Json(config_flag(files.config, "strip_accents", false, config_file)) : Json(nullptr)},
      {"lowercase", lowercases}};
  document["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  const Json single = Json::array({token_piece(cls, 0), sequence_piece("A", 0), token_piece(sep, 0)});
  Json pair = single;
  pair.push_back(sequence_piece("B", 1));
  pair.push_back(token_piece(sep, 1));
  Json special_tokens = Json::object();
  for (const std::string& token : {cls, sep})
    special_tokens[token] = {{"id", token}, {"ids", Json::array({id_of(token)})}, {"tokens", Json::array({token})}};
  document["post_processor"] = {
      {"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", special_tokens}};
  document["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  document["model"] = {{"type", "WordPiece"},
                       {"unk_token", special_token_name(files, "unk_token", "[UNK]")},
                       {"continuing_subword_prefix", "##"},
                       {"max_input_chars_per_word", 100}};
  document["model"]["vocab"] = std::move(vocabulary);
  files.document = std::move(document);
}

// The value that counts of those that the settings files give a token with a role; null when they give none.
const Json* special_token_setting(const TokenizerFiles& files, const std::string& key) {
  std::array sources{&files.special_tokens_map, &files.config};
  const auto decoder = files.config.find("added_tokens_decoder");
  if (decoder != files.config.end() && !decoder->is_null()) std::swap(sources[0], sources[1]);
  for (const Json* source : sources)
    if (const auto found = source->find(key); found != source->end() && !found->is_null()) return &*found;
  return nullptr;
}

}  // namespace

TokenizerFiles read_tokenizer_files(const fs::path& directory) {
  const fs::path document = directory / "tokenizer.json";
  const fs::path vocabulary = directory / "vocab.txt";
  const bool has_merges = path_exists(directory / "vocab.json") && path_exists(directory / "merges.txt");
  const auto sentencepiece = find_sentencepiece_file(directory);
  if (!path_exists(document) && !path_exists(vocabulary) && !has_merges && !sentencepiece) fail_missing(directory);
  TokenizerFiles files;
  files.config = read_optional_object(directory / "tokenizer_config.json");
  files.special_tokens_map = read_optional_object(directory / "special_tokens_map.json");
  files.added_tokens = read_optional_object(directory / "added_tokens.json");
  files.directory = directory;
  files.is_built = !path_exists(document);
  if (!files.is_built) {
    files.source = document.string();
    files.document = read_json_file(files.source, ExitCode::kModel);
  } else if (has_merges) {
    files.source = (directory / "vocab.json").string();
    build_byte_level_document(files, directory);
  } else if (sentencepiece && !path_exists(vocabulary)) {
    files.source = sentencepiece->string();
    build_sentencepiece_document(files, directory);
  } else {
    files.source = vocabulary.string();
    build_bert_document(files, directory);
  }
  return files;
}

bool config_flag(const Json& config, const char* key, bool fallback, const std::string& file) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return fallback;
  if (!found->is_boolean()) throw ModelError({file, 0, 0}, quote(key) + " must be true or false");
  return found->get<bool>();
}

std::string special_token_name(const TokenizerFiles& files, const std::string& key, const std::string& fallback) {
  const Json* setting = special_token_setting(files, key);
  if (setting == nullptr) return fallback;
  if (setting->is_string()) return setting->get<std::string>();
  const bool is_token = setting->is_object() && setting->contains("content") && (*setting)["content"].is_string();
  return is_token ? (*setting)["content"].get<std::string>() : fallback;
}

Json special_token_entry(const TokenizerFiles& files, const std::string& key, const std::string& content,
                         std::size_t id) {
  const Json* setting = special_token_setting(files, key);
  const auto entry = setting == nullptr ? std::nullopt : added_token_entry(*setting, true);
  Json numbered{{"id", id}};
  numbered.update(entry && (*entry)["content"] == content ? *entry : *added_token_entry(content, true));
  return numbered;
}

namespace {

// What tokenizer.json calls them.
std::string_view library_name(TruncationStrategy strategy) {
  switch (strategy) {
    case TruncationStrategy::kOnlyFirst:
      return "OnlyFirst";
    case TruncationStrategy::kOnlySecond:
      return "OnlySecond";
    case TruncationStrategy::kLongestFirst:
      break;
  }
  return "LongestFirst";
}

Json truncation_section(const SavedTruncation& truncation) {
  if (!truncation.max_length) return nullptr;
  return {{"direction", truncation.side == TruncationSide::kRight ? "Right" : "Left"},
          {"max_length", *truncation.max_length},
          {"strategy", library_name(truncation.strategy)},
          {"stride", 0}};
}

bool has_bert_pieces(const Tokenizer& tokenizer, const PostProcessor& post_processor) {
  const std::int32_t cls = *tokenizer.cls_id();
  const std::int32_t sep = *tokenizer.sep_id();
  using Piece = PostProcessor::Piece;
  const std::vector<Piece> expected{{-1, 0, {cls}}, {0, 0, {}}, {-1, 0, {sep}}, {1, 1, {}}, {-1, 1, {sep}}};
  const auto equal = [](const Piece& a, const Piece& b) {
    return a.sequence == b.sequence && a.type_id == b.type_id && a.ids == b.ids;
  };
  const auto& single = post_processor.layout(false);
  const auto& pair = post_processor.layout(true);
  return std::equal(single.begin(), single.end(), expected.begin(), expected.begin() + 3, equal) &&
         std::equal(pair.begin(), pair.end(), expected.begin(), expected.end(), equal);
}

// The tokens with a role and no others, matched exactly.
bool has_bert_added_tokens(const AddedTokens& added_tokens, const Json& role_tokens) {
  constexpr std::size_t kNumBertRoles = 5;  // padding, unknown, classification, separator, mask
  if (added_tokens.tokens().size() != kNumBertRoles || role_tokens.size() != kNumBertRoles) return false;
  for (const auto& [key, content] : role_tokens.items()) {
    const auto id = added_tokens.find(content.get<std::string>());
    if (!id) return false;
    const AddedToken& token = *added_tokens.token(*id);
    if (!token.special || token.normalized || token.single_word || token.lstrip || token.rstrip) return false;
  }
  return true;
}

bool has_bert_decoder(const Json& document) {
  const auto written = document.find("decoder");
  return written != document.end() &&
         nlohmann::json(*written) == nlohmann::json{{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
}

bool tells_sequences_apart(const PostProcessor& post_processor) {
  const auto& pair = post_processor.layout(true);
  return std::any_of(pair.begin(), pair.end(), [](const PostProcessor::Piece& piece) { return piece.type_id > 0; });
}

// transformers 5 gives types only by BertTokenizer and a few others, unless this key says so. Written in any case
// where the class alone would leave it open.
void set_input_names(Json& config, bool is_bert, bool gives_types) {
  const auto names = config.find("model_input_names");
  const bool is_list = names != config.end() && names->is_array();
  if (is_list && (std::find(names->begin(), names->end(), "token_type_ids") != names->end()) == gives_types) return;
  if (!is_list && is_bert && gives_types) return;
  config["model_input_names"] =
      gives_types ? Json{"input_ids", "token_type_ids", "attention_mask"} : Json{"input_ids", "attention_mask"};
}

}  // namespace

// Whether the pipeline is the one transformers' BertTokenizer builds, which ignores what tokenizer.json says beside the
// vocabulary: only then may the saved tokenizer go by that name.
bool Tokenizer::State::is_exactly_bert(const Tokenizer& tokenizer, const Json& role_tokens) const {
  const auto* bert_normalizer = dynamic_cast<const BertNormalizer*>(normalizer.get());
  const auto* word_piece = dynamic_cast<const WordPiece*>(model.get());
  const bool is_bert_pipeline = dynamic_cast<const BertScanner*>(scanner.get()) != nullptr;
  return is_bert_pipeline && bert_normalizer->options().clean_text &&
         word_piece->options().continuing_subword_prefix == "##" &&
         word_piece->options().max_input_chars_per_word == 100 && tokenizer.unk_id() == word_piece->unk_id() &&
         has_bert_added_tokens(*added_tokens, role_tokens) && has_bert_pieces(tokenizer, post_processor) &&
         has_bert_decoder(files.document);
}

Json Tokenizer::State::saved_config(bool is_bert, const Json& role_tokens, const SavedTruncation& truncation,
                                    std::optional<bool> gives_types) const {
  Json config = files.config;
  // A flag that tokenizer.json contradicts did not count, and would only be warned of again.
  for (const SettingConflict& conflict : find_setting_conflicts(files, *model, post_processor))
    if (const auto found = config.find(conflict.key); found != config.end() && found->is_boolean()) config.erase(found);
  for (const auto& [key, content] : role_tokens.items()) config[key] = content;
  config["tokenizer_class"] = is_bert ? "BertTokenizer" : "PreTrainedTokenizerFast";
  if (is_bert) {
    const auto& options = dynamic_cast<const BertNormalizer&>(*normalizer).options();
    config["do_lower_case"] = options.lowercase;
    config["tokenize_chinese_chars"] = options.handle_chinese_chars;
    config["strip_accents"] = files.document["normalizer"].value("strip_accents", Json(nullptr));
  }
  if (truncation.max_length && (config.contains("truncation_side") || truncation.side != TruncationSide::kRight))
    config["truncation_side"] = enum_name(truncation.side);
  if (!config.contains("model_max_length") && truncation.max_length)
    config["model_max_length"] = *truncation.max_length;
  if (gives_types && tells_sequences_apart(post_processor)) set_input_names(config, is_bert, *gives_types);
  return config;
}

void Tokenizer::save(const std::filesystem::path& directory, const SavedTruncation& truncation,
                     std::optional<bool> gives_types) const {
  require_writable_directory(directory);
  Json document = state_->files.document;
  document["truncation"] = truncation_section(truncation);
  document["padding"] = nullptr;
  document["model"]["type"] = state_->model->type();  // old files leave it out

  Json role_tokens = Json::object();
  for (std::size_t i = 0; i < kTokenRoles.size(); ++i)
    if (state_->role_ids[i]) role_tokens[kTokenRoles[i].key] = std::string(token(*state_->role_ids[i]));
  const bool is_bert = state_->is_exactly_bert(*this, role_tokens);
  const Json config = state_->saved_config(is_bert, role_tokens, truncation, gives_types);

  if (dynamic_cast<const WordPiece*>(state_->model.get()))
    if (const auto lines = vocabulary_lines(state_->model->vocabulary()))
      write_file_atomically(directory / "vocab.txt", *lines);
  write_file_atomically(directory / "special_tokens_map.json", to_json_text(role_tokens, 2) + "\n");
  write_file_atomically(directory / "tokenizer_config.json", to_json_text(config, 2) + "\n");
  write_file_atomically(directory / "tokenizer.json", to_json_text(document, 2) + "\n");
}

}  // namespace llmtool
