#include <sentencepiece_processor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/precompiled_normalizer.h"
#include "llmtool/tokenizer/tokenizer_files.h"

namespace llmtool {
namespace {

// What a SentencePiece `.model` file holds of a Unigram model.
struct SentencePieceModel {
  // Control and user-defined pieces were given to the trainer by hand.
  enum class PieceType { kLearned, kControl, kUserDefined };
  struct Piece {
    std::string text;
    float score;
    PieceType type;
  };
  std::vector<Piece> pieces;  // by id
  std::string charsmap;       // compiled rules of its normalisation; empty without any
};

// Fields of sentencepiece_model.proto. The library reads the file but shows none of these.
constexpr std::uint64_t kPieces = 1;
constexpr std::uint64_t kTrainerSpec = 2;
constexpr std::uint64_t kNormalizerSpec = 3;
constexpr std::uint64_t kModelType = 3;            // of the trainer's
constexpr std::uint64_t kPrecompiledCharsmap = 2;  // of the normalizer's
constexpr std::uint64_t kUnigram = 1;
constexpr std::uint64_t kPieceType = 3;  // of a piece
constexpr std::uint64_t kControlPiece = 3;
constexpr std::uint64_t kUserDefinedPiece = 4;

// One field of a protocol buffer after the other ("Encoding" in its documentation).
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  // False at the end, and where the bytes are no further field.
  bool next() {
    const auto tag = varint();
    if (!tag) return false;
    number_ = *tag >> 3;
    switch (*tag & 7) {
      case 0:
        return read_value();
      case 1:
        return take(8);
      case 2: {
        const auto size = varint();
        return size && take(*size);
      }
      case 5:
        return take(4);
      default:
        return false;
    }
  }
  std::uint64_t number() const { return number_; }
  std::uint64_t value() const { return value_; }         // of a varint
  std::string_view content() const { return content_; }  // of anything else

 private:
  bool read_value() {
    const auto value = varint();
    value_ = value.value_or(0);
    return value.has_value();
  }

  bool take(std::uint64_t size) {
    if (size > bytes_.size()) return false;
    content_ = bytes_.substr(0, static_cast<std::size_t>(size));
    bytes_.remove_prefix(static_cast<std::size_t>(size));
    return true;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::string_view bytes_;
  std::string_view content_;
  std::uint64_t number_ = 0;
  std::uint64_t value_ = 0;
};

std::string_view message_in(std::string_view bytes, std::uint64_t number) {
  for (WireReader reader(bytes); reader.next();)
    if (reader.number() == number) return reader.content();
  return {};
}

bool is_unigram(std::string_view trainer_spec) {
  for (WireReader reader(trainer_spec); reader.next();)
    if (reader.number() == kModelType) return reader.value() == kUnigram;
  return true;  // the default
}

using PieceType = SentencePieceModel::PieceType;

PieceType piece_type(std::string_view piece) {
  for (WireReader reader(piece); reader.next();) {
    if (reader.number() != kPieceType) continue;
    if (reader.value() == kControlPiece) return PieceType::kControl;
    if (reader.value() == kUserDefinedPiece) return PieceType::kUserDefined;
  }
  return PieceType::kLearned;
}

std::vector<PieceType> read_piece_types(std::string_view bytes) {
  std::vector<PieceType> types;
  for (WireReader reader(bytes); reader.next();)
    if (reader.number() == kPieces) types.push_back(piece_type(reader.content()));
  return types;
}

// The library checks neither.
void require_sound(const SentencePieceModel::Piece& piece, int id, const std::filesystem::path& path) {
  const auto fail = [&](const char* what) {
    throw ModelError({path.string(), 0, 0}, "is damaged: piece " + std::to_string(id) + " has " + what);
  };
  if (find_invalid_utf8(piece.text)) fail("a text that is not UTF-8");
  if (!std::isfinite(piece.score)) fail("a score that is not finite");
}

// Reads it with the SentencePiece library. Throws ModelError: the file is damaged, or its model is not Unigram.
SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path) {
  const std::string bytes = read_model_file(path);
  sentencepiece::SentencePieceProcessor processor;
  if (const auto status = processor.LoadFromSerializedProto(bytes); !status.ok())
    throw ModelError({path.string(), 0, 0}, "is no SentencePiece model, or damaged: " + status.ToString());
  if (!is_unigram(message_in(bytes, kTrainerSpec)))
    throw ModelError({path.string(), 0, 0},
                     "is not a Unigram model, the only kind read from a .model file; put the model's tokenizer.json "
                     "beside it");
  const std::vector<PieceType> types = read_piece_types(bytes);
  if (types.size() != static_cast<std::size_t>(processor.GetPieceSize()))
    throw ModelError({path.string(), 0, 0}, "is damaged: not all of its pieces can be read");
  SentencePieceModel model;
  for (int id = 0; id < processor.GetPieceSize(); ++id) {
    model.pieces.push_back({processor.IdToPiece(id), processor.GetScore(id), types[static_cast<std::size_t>(id)]});
    require_sound(model.pieces.back(), id, path);
  }
  model.charsmap = message_in(message_in(bytes, kNormalizerSpec), kPrecompiledCharsmap);
  return model;
}

namespace fs = std::filesystem;

constexpr std::array kFileNames{"sentencepiece.bpe.model", "spiece.model", "spm.model"};

struct SpecialToken {
  const char* key;
  const char* usual_name;
};

// XLM-R's ids are those of fairseq: four special tokens of its own, then the pieces from the fourth on, then the mask.
constexpr std::array kXlmRobertaTokens{SpecialToken{"bos_token", "<s>"},    SpecialToken{"pad_token", "<pad>"},
                                       SpecialToken{"eos_token", "</s>"},   SpecialToken{"unk_token", "<unk>"},
                                       SpecialToken{"sep_token", "</s>"},   SpecialToken{"cls_token", "<s>"},
                                       SpecialToken{"mask_token", "<mask>"}};
constexpr std::array kAlbertTokens{SpecialToken{"bos_token", "[CLS]"},  SpecialToken{"eos_token", "[SEP]"},
                                   SpecialToken{"unk_token", "<unk>"},  SpecialToken{"sep_token", "[SEP]"},
                                   SpecialToken{"pad_token", "<pad>"},  SpecialToken{"cls_token", "[CLS]"},
                                   SpecialToken{"mask_token", "[MASK]"}};
constexpr std::array kDebertaTokens{SpecialToken{"bos_token", "[CLS]"},  SpecialToken{"eos_token", "[SEP]"},
                                    SpecialToken{"unk_token", "[UNK]"},  SpecialToken{"sep_token", "[SEP]"},
                                    SpecialToken{"pad_token", "[PAD]"},  SpecialToken{"cls_token", "[CLS]"},
                                    SpecialToken{"mask_token", "[MASK]"}};
constexpr std::size_t kPiecesReplacedByFairseq = 3;

struct Settings {
  const TokenizerFiles& files;
  std::string config_file;

  bool flag(const char* key, bool fallback) const { return config_flag(files.config, key, fallback, config_file); }
  std::string token(const char* key) const { return files.config.at(key).get<std::string>(); }
};

Json replace_literal(const char* text, const char* content) {
  return {{"type", "Replace"}, {"pattern", {{"String", text}}}, {"content", content}};
}

Json precompiled(const std::string& charsmap) {
  return {{"type", "Precompiled"}, {"precompiled_charsmap", encode_base64(charsmap)}};
}

Json sequence(const char* members_key, Json members) {
  return {{"type", "Sequence"}, {members_key, std::move(members)}};
}

Json metaspace(const char* prepend_scheme) {
  return {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", prepend_scheme}, {"split", true}};
}

Json xlm_roberta_normalizer(const Settings&, const std::string& charsmap) {
  return charsmap.empty() ? Json(nullptr) : precompiled(charsmap);
}

Json albert_normalizer(const Settings& settings, const std::string& charsmap) {
  Json members = Json::array({replace_literal("``", "\""), replace_literal("''", "\"")});
  if (!settings.flag("keep_accents", false)) {
    members.push_back({{"type", "NFKD"}});
    members.push_back({{"type", "StripAccents"}});
  }
  if (settings.flag("do_lower_case", true)) members.push_back({{"type", "Lowercase"}});
  if (!charsmap.empty()) members.push_back(precompiled(charsmap));
  return sequence("normalizers", std::move(members));
}

// transformers does not use the compiled rules here.
Json deberta_normalizer(const Settings& settings, const std::string&) {
  Json members = Json::array();
  if (settings.flag("do_lower_case", false)) members.push_back({{"type", "Lowercase"}});
  members.push_back({{"type", "Replace"}, {"pattern", {{"Regex", "\\s{2,}|[\\n\\r\\t]"}}}, {"content", " "}});
  members.push_back({{"type", "NFC"}});
  members.push_back({{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
  return sequence("normalizers", std::move(members));
}

Json spaced_pre_tokenizer(const Settings& settings) {
  const bool prepends = settings.flag("add_prefix_space", true);
  return sequence("pretokenizers",
                  Json::array({{{"type", "WhitespaceSplit"}}, metaspace(prepends ? "always" : "never")}));
}

Json deberta_pre_tokenizer(const Settings& settings) {
  Json members = Json::array();
  if (settings.flag("split_by_punct", false)) members.push_back({{"type", "Punctuation"}, {"behavior", "Isolated"}});
  members.push_back(metaspace(settings.flag("add_prefix_space", true) ? "always" : "first"));
  return sequence("pretokenizers", std::move(members));
}

Json token_piece(const std::string& id, int type_id) { return {{"SpecialToken", {{"id", id}, {"type_id", type_id}}}}; }
Json text_piece(const char* id, int type_id) { return {{"Sequence", {{"id", id}, {"type_id", type_id}}}}; }

// <s> A </s>, and <s> A </s> </s> B </s> of one segment type.
Json xlm_roberta_pair(const std::string& cls, const std::string& sep) {
  return Json::array({token_piece(cls, 0), text_piece("A", 0), token_piece(sep, 0), token_piece(sep, 0),
                      text_piece("B", 0), token_piece(sep, 0)});
}

// [CLS] A [SEP] B [SEP], the second segment of type 1.
Json bert_pair(const std::string& cls, const std::string& sep) {
  return Json::array(
      {token_piece(cls, 0), text_piece("A", 0), token_piece(sep, 0), text_piece("B", 1), token_piece(sep, 1)});
}

struct Kind {
  std::string_view tokenizer_class;  // also with "Fast"
  std::string_view model_type;
  std::span<const SpecialToken> tokens;
  bool has_fairseq_ids;
  Json (*normalizer)(const Settings&, const std::string& charsmap);
  Json (*pre_tokenizer)(const Settings&);
  Json (*pair)(const std::string& cls, const std::string& sep);
};

constexpr std::array kKinds{
    Kind{"XLMRobertaTokenizer", "xlm-roberta", kXlmRobertaTokens, true, xlm_roberta_normalizer, spaced_pre_tokenizer,
         xlm_roberta_pair},
    Kind{"AlbertTokenizer", "albert", kAlbertTokens, false, albert_normalizer, spaced_pre_tokenizer, bert_pair},
    Kind{"DebertaV2Tokenizer", "deberta-v2", kDebertaTokens, false, deberta_normalizer, deberta_pre_tokenizer,
         bert_pair}};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const Kind& find_kind(const TokenizerFiles& files, const fs::path& directory) {
  std::string name = text_of(files.config, "tokenizer_class");
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  std::string model_type;
  if (const fs::path config = directory / "config.json"; name.empty() && path_exists(config))
    model_type = text_of(read_json_file(config.string(), ExitCode::kModel), "model_type");
  for (const Kind& kind : kKinds)
    if (kind.tokenizer_class == name || (!model_type.empty() && kind.model_type == model_type)) return kind;
  throw ModelError({files.source, 0, 0},
                   (name.empty() ? "neither tokenizer_config.json nor config.json says which tokenizer it is of"
                                 : "a SentencePiece file of the tokenizer_class " + quote(name) + " is not supported") +
                       std::string("; supported: ") + listed(kKinds, &Kind::tokenizer_class) +
                       "; or put the model's tokenizer.json beside it");
}

// [[token, score], …] by id.
Json make_vocabulary(const Kind& kind, const Settings& settings, const SentencePieceModel& model) {
  Json vocabulary = Json::array();
  if (kind.has_fairseq_ids)
    for (const char* key : {"bos_token", "pad_token", "eos_token", "unk_token"})
      vocabulary.push_back(Json::array({settings.token(key), 0.0}));
  for (std::size_t id = kind.has_fairseq_ids ? kPiecesReplacedByFairseq : 0; id < model.pieces.size(); ++id)
    vocabulary.push_back(Json::array({model.pieces[id].text, static_cast<double>(model.pieces[id].score)}));
  if (kind.has_fairseq_ids) vocabulary.push_back(Json::array({settings.token("mask_token"), 0.0}));
  return vocabulary;
}

Json added_piece(std::size_t id, const std::string& content, bool special) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", special}};
}

Json with_id(Json entry, std::size_t id) {
  entry["id"] = id;
  return entry;
}

// The special tokens, and the pieces that were given to the trainer by hand: transformers finds those in a text before
// anything else, too. A mask that the file does not have, as DeBERTa's, comes behind the last piece.
Json make_added_tokens(const Kind& kind, const Settings& settings, const SentencePieceModel& model,
                       const std::map<std::string, std::size_t>& ids, const std::map<std::string, Json>& roles) {
  std::map<std::size_t, Json> added;
  for (const SentencePieceModel::Piece& piece : model.pieces) {
    const auto found = ids.find(piece.text);
    if (piece.type == SentencePieceModel::PieceType::kLearned || found == ids.end()) continue;
    const bool special = piece.type == SentencePieceModel::PieceType::kControl;
    added[found->second] = added_piece(found->second, piece.text, special);
  }
  for (const SpecialToken& special : kind.tokens) {
    const std::string token = settings.token(special.key);
    const auto found = ids.find(token);
    if (found == ids.end() && std::string_view(special.key) == "mask_token") {
      added[ids.size()] = with_id(roles.at(special.key), ids.size());
      continue;
    }
    if (found == ids.end())
      throw ModelError({settings.files.source, 0, 0},
                       "the " + std::string(special.key) + " " + quote(token) +
                           " is not in the vocabulary; name the one used in tokenizer_config.json");
    added[found->second] = with_id(roles.at(special.key), found->second);
  }
  Json list = Json::array();
  for (auto& [id, token] : added) list.push_back(std::move(token));
  return list;
}

Json make_post_processor(const Kind& kind, const Settings& settings, const std::map<std::string, std::size_t>& ids) {
  const std::string cls = settings.token("cls_token");
  const std::string sep = settings.token("sep_token");
  Json special_tokens = Json::object();
  for (const std::string& token : {cls, sep})
    special_tokens[token] = {{"id", token}, {"ids", Json::array({ids.at(token)})}, {"tokens", Json::array({token})}};
  return {{"type", "TemplateProcessing"},
          {"single", Json::array({token_piece(cls, 0), text_piece("A", 0), token_piece(sep, 0)})},
          {"pair", kind.pair(cls, sep)},
          {"special_tokens", special_tokens}};
}

}  // namespace

std::optional<fs::path> find_sentencepiece_file(const fs::path& directory) {
  for (const char* name : kFileNames)
    if (path_exists(directory / name)) return directory / name;
  return std::nullopt;
}

void build_sentencepiece_document(TokenizerFiles& files, const fs::path& directory) {
  const Kind& kind = find_kind(files, directory);
  const SentencePieceModel model = read_sentencepiece_model(files.source);
  std::map<std::string, Json> roles;  // entries of added tokens
  for (const SpecialToken& special : kind.tokens) {
    const std::string name = special_token_name(files, special.key, special.usual_name);
    roles[special.key] = special_token_entry(files, special.key, name, 0);
    files.config[special.key] = name;
  }
  const Settings settings{files, (directory / "tokenizer_config.json").string()};
  Json vocabulary = make_vocabulary(kind, settings, model);
  std::map<std::string, std::size_t> ids;
  for (std::size_t id = 0; id < vocabulary.size(); ++id) ids.emplace(vocabulary[id][0].get<std::string>(), id);

  Json document = Json::object();
  document["version"] = "1.0";
  document["truncation"] = nullptr;
  document["padding"] = nullptr;
  document["added_tokens"] = make_added_tokens(kind, settings, model, ids, roles);
  document["normalizer"] = kind.normalizer(settings, model.charsmap);
  document["pre_tokenizer"] = kind.pre_tokenizer(settings);
  document["post_processor"] = make_post_processor(kind, settings, ids);
  document["decoder"] = document["pre_tokenizer"]["pretokenizers"].back();
  document["model"] = {{"type", "Unigram"}, {"unk_id", ids.at(settings.token("unk_token"))}, {"byte_fallback", false}};
  document["model"]["vocab"] = std::move(vocabulary);
  files.document = std::move(document);
}

}  // namespace llmtool
