#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/model_file.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

struct SpecialToken {
  const char* key;
  const char* usual_name;
};

constexpr std::array kGpt2Tokens{SpecialToken{"bos_token", "<|endoftext|>"}, SpecialToken{"eos_token", "<|endoftext|>"},
                                 SpecialToken{"unk_token", "<|endoftext|>"}};
constexpr std::array kRobertaTokens{SpecialToken{"bos_token", "<s>"},    SpecialToken{"eos_token", "</s>"},
                                    SpecialToken{"unk_token", "<unk>"},  SpecialToken{"sep_token", "</s>"},
                                    SpecialToken{"pad_token", "<pad>"},  SpecialToken{"cls_token", "<s>"},
                                    SpecialToken{"mask_token", "<mask>"}};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool is_roberta(const TokenizerFiles& files, const fs::path& directory) {
  const std::string name = text_of(files.config, "tokenizer_class");
  if (name == "RobertaTokenizer" || name == "RobertaTokenizerFast") return true;
  if (name == "GPT2Tokenizer" || name == "GPT2TokenizerFast") return false;
  if (!name.empty())
    throw ModelError({(directory / "tokenizer_config.json").string(), 0, 0},
                     "vocab.json and merges.txt of the tokenizer_class " + quote(name) +
                         " are not supported; put the model's tokenizer.json beside them");
  std::string model_type;
  if (const fs::path config = directory / "config.json"; path_exists(config))
    model_type = text_of(read_json_file(config.string(), ExitCode::kModel), "model_type");
  if (model_type != "gpt2" && model_type != "roberta")
    throw ModelError(
        {files.source, 0, 0},
        "vocab.json and merges.txt alone do not say which tokenizer they are of; put tokenizer_config.json "
        "(tokenizer_class) or config.json (model_type gpt2 or roberta) beside them");
  return model_type == "roberta";
}

void refuse_unsupported(const TokenizerFiles& files, const std::string& config_file) {
  if (config_flag(files.config, "add_bos_token", false, config_file))
    throw ModelError({config_file, 0, 0}, "'add_bos_token': true is not supported without a tokenizer.json");
}

// [["Ġ", "t"], …]; what is wrong is told by line, which a tokenizer.json does not have.
Json read_merges(const fs::path& path, const Json& vocabulary) {
  const std::string text = read_model_file(path);
  std::unordered_set<std::string> known;
  for (const auto& [token, id] : vocabulary.items()) known.insert(token);
  Json merges = Json::array();
  std::int64_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with("#version")) continue;
    const SourcePosition position{path.string(), number, 0};
    if (find_invalid_utf8(line)) throw ModelError(position, "the line is not UTF-8");
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos)
      throw ModelError(position, "expected two tokens with one space between them, found " + quote(line));
    const std::string left = line.substr(0, space);
    const std::string right = line.substr(space + 1);
    for (const std::string& token : {left, right, left + right})
      if (!known.contains(token)) throw ModelError(position, "the token " + quote(token) + " is not in vocab.json");
    merges.push_back(Json::array({left, right}));
  }
  return merges;
}

// The special tokens by id, each once; their names go into files.config.
Json read_added_tokens(TokenizerFiles& files, const Json& vocabulary, std::span<const SpecialToken> tokens) {
  std::map<std::int64_t, Json> added;
  Json names = Json::object();
  for (const auto& [key, usual_name] : tokens) {
    const std::string token = special_token_name(files, key, usual_name);
    const auto found = vocabulary.find(token);
    const bool is_mask = std::string_view(key) == "mask_token";
    if (found == vocabulary.end()) {
      if (is_mask) continue;  // only pre-training needs it
      throw ModelError({files.source, 0, 0},
                       "the " + std::string(key) + " " + quote(token) +
                           " is not in the vocabulary; name the one used in tokenizer_config.json");
    }
    if (!found->is_number_integer())
      throw ModelError({files.source, 0, 0}, "the id of " + quote(token) + " must be a whole number");
    const auto id = found->get<std::int64_t>();
    added[id] = special_token_entry(files, key, token, static_cast<std::size_t>(id));
    names[key] = token;
  }
  Json list = Json::array();
  for (auto& [id, token] : added) list.push_back(std::move(token));
  files.config.update(names);
  return list;
}

Json byte_level(bool add_prefix_space, bool trim_offsets) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", add_prefix_space},
          {"trim_offsets", trim_offsets},
          {"use_regex", true}};
}

}  // namespace

void build_byte_level_document(TokenizerFiles& files, const fs::path& directory) {
  const std::string config_file = (directory / "tokenizer_config.json").string();
  const bool roberta = is_roberta(files, directory);
  refuse_unsupported(files, config_file);
  const bool add_prefix_space = config_flag(files.config, "add_prefix_space", false, config_file);
  Json vocabulary = read_json_file(files.source, ExitCode::kModel);
  if (!vocabulary.is_object()) throw ModelError({files.source, 0, 0}, "must hold an object of tokens and their ids");
  Json merges = read_merges(directory / "merges.txt", vocabulary);

  Json document = Json::object();
  document["version"] = "1.0";
  document["truncation"] = nullptr;
  document["padding"] = nullptr;
  document["added_tokens"] = roberta ? read_added_tokens(files, vocabulary, kRobertaTokens)
                                     : read_added_tokens(files, vocabulary, kGpt2Tokens);
  document["normalizer"] = nullptr;
  document["pre_tokenizer"] = byte_level(add_prefix_space, true);
  document["post_processor"] = byte_level(true, false);
  if (roberta) {
    const auto with_id = [&](const char* key) {
      const auto token = files.config[key].get<std::string>();
      return Json::array({token, vocabulary[token]});
    };
    document["post_processor"] = {{"type", "RobertaProcessing"},
                                  {"sep", with_id("sep_token")},
                                  {"cls", with_id("cls_token")},
                                  {"trim_offsets", true},
                                  {"add_prefix_space", add_prefix_space}};
  }
  document["decoder"] = byte_level(true, true);
  document["model"] = {{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", nullptr},
                       {"continuing_subword_prefix", ""},
                       {"end_of_word_suffix", ""},
                       {"fuse_unk", false},
                       {"byte_fallback", false}};
  document["model"]["vocab"] = std::move(vocabulary);
  document["model"]["merges"] = std::move(merges);
  files.document = std::move(document);
}

}  // namespace llmtool
