#include "llmtool/tokenizer/byte_level.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {
namespace {

constexpr bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

constexpr char32_t kFirstNumbered = 0x100;
constexpr std::size_t kNumNumbered = 68;

constexpr auto kCharacterOfByte = [] {
  std::array<char32_t, 256> characters{};
  char32_t numbered = kFirstNumbered;
  for (int byte = 0; byte < 256; ++byte)
    characters[static_cast<std::size_t>(byte)] = stands_for_itself(byte) ? static_cast<char32_t>(byte) : numbered++;
  return characters;
}();

constexpr auto kByteOfNumbered = [] {
  std::array<unsigned char, kNumNumbered> bytes{};
  for (std::size_t byte = 0; byte < 256; ++byte)
    if (kCharacterOfByte[byte] >= kFirstNumbered)
      bytes[kCharacterOfByte[byte] - kFirstNumbered] = static_cast<unsigned char>(byte);
  return bytes;
}();

enum class Class : std::uint8_t { kSpace, kLetter, kNumber, kOther };

Class look_up(char32_t c) {
  const CharacterProperties properties = character_properties(c);
  if (properties.is(CharacterProperties::kLetter)) return Class::kLetter;
  if (properties.is(CharacterProperties::kNumber)) return Class::kNumber;
  return properties.is(CharacterProperties::kWhitespace) ? Class::kSpace : Class::kOther;
}

constexpr auto kAsciiClass = [] {
  std::array<Class, 128> classes{};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
    classes[c] = is_letter                ? Class::kLetter
                 : (c >= '0' && c <= '9') ? Class::kNumber
                 : is_space               ? Class::kSpace
                                          : Class::kOther;
  }
  return classes;
}();

// Class of the character at `position`, which moves behind it.
Class next_class(std::string_view text, std::size_t& position) {
  const auto byte = static_cast<unsigned char>(text[position]);
  if (byte >= 0x80) return look_up(decode_utf8(text, position));
  ++position;
  return kAsciiClass[byte];
}

// Length of an English contraction at `begin`, or 0.
std::size_t contraction_length(std::string_view text, std::size_t begin) {
  if (text[begin] != '\'' || begin + 1 == text.size()) return 0;
  if (std::string_view("stmd").find(text[begin + 1]) != std::string_view::npos) return 2;
  const std::string_view two = text.substr(begin + 1, 2);
  return two == "re" || two == "ve" || two == "ll" ? 3 : 0;
}

// The last whitespace character is left to the word it precedes, unless it is the only one.
std::size_t end_of_whitespace(std::string_view text, std::size_t begin) {
  std::size_t last = begin;
  std::size_t end = begin;
  for (std::size_t next = begin; next < text.size(); end = next) {
    const std::size_t at = next;
    if (next_class(text, next) != Class::kSpace) return last > begin ? last : end;
    last = at;
  }
  return end;
}

}  // namespace

char32_t character_of_byte(unsigned char byte) { return kCharacterOfByte[byte]; }

std::optional<unsigned char> byte_of_character(char32_t character) {
  if (character < kFirstNumbered)
    return stands_for_itself(static_cast<int>(character)) ? std::optional(static_cast<unsigned char>(character))
                                                          : std::nullopt;
  if (character >= kFirstNumbered + kNumNumbered) return std::nullopt;
  return kByteOfNumbered[character - kFirstNumbered];
}

void append_byte_characters(std::string_view bytes, std::string& text) {
  for (const char byte : bytes) append_utf8(kCharacterOfByte[static_cast<unsigned char>(byte)], text);
}

std::size_t end_of_gpt2_word(std::string_view text, std::size_t begin) {
  if (const std::size_t length = contraction_length(text, begin)) return begin + length;
  std::size_t end = begin;
  Class kind = next_class(text, end);
  if (kind == Class::kSpace) {
    // One space goes with the word behind it; any other whitespace stands alone.
    if (text[begin] != ' ' || end == text.size()) return end_of_whitespace(text, begin);
    kind = next_class(text, end);
    if (kind == Class::kSpace) return end_of_whitespace(text, begin);
  }
  for (std::size_t next = end; next < text.size(); end = next)
    if (next_class(text, next) != kind) break;
  return end;
}

namespace {

using Character = NormalizedText::Character;

std::string to_utf8(const std::vector<Character>& characters) {
  std::string text;
  for (const Character& character : characters) append_utf8(character.code_point, text);
  return text;
}

// The bytes of a character all come from where the character came from.
void append_bytes(const Character& character, std::vector<Character>& bytes) {
  std::string utf8;
  append_utf8(character.code_point, utf8);
  for (const char byte : utf8) bytes.push_back({character_of_byte(static_cast<unsigned char>(byte)), character.origin});
}

}  // namespace

std::unique_ptr<PreTokenizer> ByteLevelPreTokenizer::make(ComponentReader& reader) {
  Options options;
  options.add_prefix_space = reader.boolean("add_prefix_space");
  if (reader.has("use_regex")) options.use_regex = reader.boolean("use_regex");
  reader.ignore("trim_offsets");  // means something in the post-processor only
  return std::make_unique<ByteLevelPreTokenizer>(options);
}

void ByteLevelPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  const auto& characters = pre_tokenized.text.characters();
  std::vector<Character> rewritten;
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    std::vector<Character> part(characters.begin() + static_cast<std::ptrdiff_t>(word.begin),
                                characters.begin() + static_cast<std::ptrdiff_t>(word.end));
    // The space comes from the character it was put before.
    if (options_.add_prefix_space && part.front().code_point != U' ') part.insert(part.begin(), {U' ', part[0].origin});
    const std::string text = to_utf8(part);
    auto character = part.begin();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = options_.use_regex ? end_of_gpt2_word(text, begin) : text.size();
      const std::size_t first = rewritten.size();
      while (rewritten.size() - first < end - begin) append_bytes(*character++, rewritten);
      words.push_back({first, rewritten.size()});
      begin = end;
    }
  }
  pre_tokenized.text.rewrite(std::move(rewritten));
  pre_tokenized.words = std::move(words);
}

namespace {

struct Sequence {
  std::size_t length;  // 1 for a byte that begins nothing
  // What may follow the first byte (Unicode 15, table 3-7).
  unsigned char lowest = 0x80;
  unsigned char highest = 0xbf;
};

Sequence sequence_of(unsigned char first) {
  if (first >= 0xc2 && first <= 0xdf) return {2};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {3};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {4};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {1};
}

// Length of the part at the beginning of ill-formed `bytes` that could still have become a character.
std::size_t broken_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const Sequence sequence = sequence_of(byte(0));
  std::size_t length = 1;
  while (length < sequence.length && length < bytes.size()) {
    const unsigned char lowest = length == 1 ? sequence.lowest : 0x80;
    const unsigned char highest = length == 1 ? sequence.highest : 0xbf;
    if (byte(length) < lowest || byte(length) > highest) break;
    ++length;
  }
  return length;
}

}  // namespace

std::string to_lossy_utf8(std::string_view bytes) {
  std::string text;
  for (;;) {
    const auto invalid = find_invalid_utf8(bytes);
    text += bytes.substr(0, invalid.value_or(bytes.size()));
    if (!invalid) return text;
    append_utf8(0xfffd, text);
    bytes.remove_prefix(*invalid);
    bytes.remove_prefix(broken_length(bytes));
  }
}

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
