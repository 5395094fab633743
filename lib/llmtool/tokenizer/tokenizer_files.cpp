#include "llmtool/tokenizer/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/byte_level_files.h"
#include "llmtool/tokenizer/sentencepiece_files.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Classes of transformers whose pipeline is BERT's own.
constexpr std::array<std::string_view, 8> kBertClasses{
    "BertTokenizer",    "BertTokenizerFast",    "DistilBertTokenizer", "DistilBertTokenizerFast",
    "ElectraTokenizer", "ElectraTokenizerFast", "MobileBertTokenizer", "MobileBertTokenizerFast"};

Json read_optional_object(const fs::path& path) {
  if (!fs::exists(path)) return Json::object();
  Json object = read_json_file(path.string(), ExitCode::kModel);
  if (!object.is_object()) throw ModelError({path.string(), 0, 0}, "must hold a JSON object");
  return object;
}

[[noreturn]] void fail_missing(const fs::path& directory) {
  const std::string place = quote(directory.string());
  if (!fs::exists(directory))
    throw ModelError("there is no folder " + place +
                     "; give the path of a folder that holds tokenizer.json, or the vocabulary (names of models on the "
                     "Hugging Face hub are not looked up: there is no network at run time)");
  throw ModelError("no tokenizer in " + place +
                   ": looked for tokenizer.json, vocab.txt, vocab.json with merges.txt, and a SentencePiece file "
                   "(sentencepiece.bpe.model, spiece.model, spm.model); copy them from where the model comes from");
}

// {token: line number}; of a token that stands twice the last line counts, as in transformers.
Json read_vocabulary_lines(const fs::path& path) {
  const std::string text = read_file(path);
  if (const auto invalid = find_invalid_utf8(text))
    throw ModelError(
        {path.string(), 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*invalid), '\n'), 0},
        "the bytes here are not UTF-8 (byte offset " + std::to_string(*invalid) + ")");
  std::map<std::string, std::size_t> line_of_token;
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string token = text.substr(begin, end - begin);
    if (!token.empty() && token.back() == '\r') token.pop_back();
    line_of_token[token] = lines.size();
    lines.push_back(std::move(token));
    begin = end + 1;
  }
  if (lines.empty()) throw ModelError({path.string(), 0, 0}, "the vocabulary is empty");
  Json vocabulary = Json::object();
  auto& rows = vocabulary.get_ref<Json::object_t&>();
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (line_of_token[lines[i]] == i) rows.emplace_back(lines[i], i);
  return vocabulary;
}

void require_bert_settings(const Json& config, const fs::path& directory, const std::string& file) {
  const auto found = config.find("tokenizer_class");
  if (found != config.end() && found->is_string() &&
      std::find(kBertClasses.begin(), kBertClasses.end(), found->get<std::string>()) == kBertClasses.end())
    throw ModelError({file, 0, 0}, "a vocab.txt of the tokenizer_class " + quote(found->get<std::string>()) +
                                       " is not supported yet; put the model's tokenizer.json beside it");
  if (!config_flag(config, "do_basic_tokenize", true, file))
    throw ModelError({file, 0, 0}, "'do_basic_tokenize': false is not supported");
  if (config.contains("never_split") && !config["never_split"].is_null() && !config["never_split"].empty())
    throw ModelError({file, 0, 0}, "'never_split' is not supported");
  for (const char* name : {"added_tokens.json"})
    if (fs::exists(directory / name))
      throw ModelError({(directory / name).string(), 0, 0},
                       "is not supported beside a vocab.txt; put the model's tokenizer.json there");
}

Json added_token(const std::string& content, std::size_t id) {
  return Json{{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
              {"rstrip", false}, {"normalized", false}, {"special", true}};
}

Json sequence_piece(const char* id, int type_id) { return {{"Sequence", {{"id", id}, {"type_id", type_id}}}}; }
Json token_piece(const std::string& id, int type_id) { return {{"SpecialToken", {{"id", id}, {"type_id", type_id}}}}; }

// What transformers' BertTokenizer builds from the same files, written as a tokenizer.json.
void build_bert_document(TokenizerFiles& files, const fs::path& directory) {
  const std::string config_file = (directory / "tokenizer_config.json").string();
  require_bert_settings(files.config, directory, config_file);
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
    if (std::string_view(name) == "MASK" && !ids.contains(token)) continue;  // only pre-training needs it
    added[id_of(token)] = added_token(token, id_of(token));
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

std::string content_of(const Json& token) {
  if (token.is_string()) return token.get<std::string>();
  return token.is_object() ? token.value("content", "") : "";
}

// Tokens beside the vocabulary that transformers would find in texts: those that a settings file lists.
void append_listed_tokens(const Json& settings, std::vector<std::pair<std::string, std::string>>& tokens) {
  for (const char* key : {"additional_special_tokens", "extra_special_tokens", "added_tokens_decoder"})
    if (const auto found = settings.find(key); found != settings.end() && found->is_structured())
      for (const Json& token : *found) tokens.emplace_back(key, content_of(token));
  for (const char* key : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token"})
    if (const auto found = settings.find(key); found != settings.end()) tokens.emplace_back(key, content_of(*found));
}

// A tokenizer.json would say how they are found; the vocabulary alone does not.
void refuse_further_tokens(const TokenizerFiles& files, const fs::path& directory) {
  std::set<std::string> known{""};
  for (const Json& token : files.document["added_tokens"]) known.insert(token["content"].get<std::string>());
  for (const auto& [settings, name] : {std::pair{&files.config, "tokenizer_config.json"},
                                       std::pair{&files.special_tokens_map, "special_tokens_map.json"}}) {
    std::vector<std::pair<std::string, std::string>> tokens;
    append_listed_tokens(*settings, tokens);
    for (const auto& [key, token] : tokens)
      if (!known.contains(token))
        throw ModelError({(directory / name).string(), 0, 0},
                         quote(key) + " has the token " + quote(token) + " beside those of " + files.source +
                             ", which is not supported without a tokenizer.json; save the tokenizer with transformers' "
                             "save_pretrained() and put its tokenizer.json there");
  }
}

}  // namespace

TokenizerFiles read_tokenizer_files(const fs::path& directory) {
  const fs::path document = directory / "tokenizer.json";
  const fs::path vocabulary = directory / "vocab.txt";
  const bool has_merges = fs::exists(directory / "vocab.json") && fs::exists(directory / "merges.txt");
  const auto sentencepiece = find_sentencepiece_file(directory);
  if (!fs::exists(document) && !fs::exists(vocabulary) && !has_merges && !sentencepiece) fail_missing(directory);
  TokenizerFiles files;
  files.config = read_optional_object(directory / "tokenizer_config.json");
  files.special_tokens_map = read_optional_object(directory / "special_tokens_map.json");
  if (fs::exists(document)) {
    files.source = document.string();
    files.document = read_json_file(files.source, ExitCode::kModel);
  } else if (has_merges) {
    files.source = (directory / "vocab.json").string();
    build_byte_level_document(files, directory);
  } else if (sentencepiece && !fs::exists(vocabulary)) {
    files.source = sentencepiece->string();
    build_sentencepiece_document(files, directory);
  } else {
    files.source = vocabulary.string();
    build_bert_document(files, directory);
  }
  if (!fs::exists(document)) refuse_further_tokens(files, directory);
  return files;
}

bool config_flag(const Json& config, const char* key, bool fallback, const std::string& file) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return fallback;
  if (!found->is_boolean()) throw ModelError({file, 0, 0}, quote(key) + " must be true or false");
  return found->get<bool>();
}

std::string special_token_name(const TokenizerFiles& files, const std::string& key, const std::string& fallback) {
  for (const Json* source : {&files.config, &files.special_tokens_map}) {
    const auto found = source->find(key);
    if (found == source->end()) continue;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_object() && found->contains("content") && (*found)["content"].is_string())
      return (*found)["content"].get<std::string>();
  }
  return fallback;
}

}  // namespace llmtool
