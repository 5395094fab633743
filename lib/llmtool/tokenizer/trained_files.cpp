#include "llmtool/tokenizer/trained_files.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {
namespace {

constexpr const char* kEndOfText = "<|endoftext|>";

Json vocabulary_of(const TrainedMerges& trained) {
  Json vocabulary = Json::object();
  auto& rows = vocabulary.get_ref<Json::object_t&>();  // tokens are distinct: no need to look each one up
  for (std::size_t id = 0; id < trained.tokens.size(); ++id) rows.emplace_back(trained.tokens[id], id);
  return vocabulary;
}

Json merges_of(const TrainedMerges& trained) {
  Json merges = Json::array();
  for (const auto& [left, right] : trained.merges)
    merges.push_back(
        Json::array({trained.tokens[static_cast<std::size_t>(left)], trained.tokens[static_cast<std::size_t>(right)]}));
  return merges;
}

Json added_tokens_of(const std::vector<std::string>& special_tokens) {
  Json added = Json::array();
  for (std::size_t id = 0; id < special_tokens.size(); ++id)
    added.push_back({{"id", id},
                     {"content", special_tokens[id]},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  return added;
}

Json special_piece(const char* token, int type_id) { return {{"SpecialToken", {{"id", token}, {"type_id", type_id}}}}; }
Json sequence_piece(const char* id, int type_id) { return {{"Sequence", {{"id", id}, {"type_id", type_id}}}}; }

Json special_token(const std::string& token, const TrainedMerges& trained) {
  const auto found = std::find(trained.tokens.begin(), trained.tokens.end(), token);
  return {{"id", token}, {"ids", Json::array({found - trained.tokens.begin()})}, {"tokens", Json::array({token})}};
}

void fill_word_piece(Json& document, const TokenizerTraining& training, const TrainedMerges& trained) {
  document["normalizer"] = {{"type", "BertNormalizer"},
                            {"clean_text", true},
                            {"handle_chinese_chars", true},
                            {"strip_accents", nullptr},
                            {"lowercase", training.lowercase}};
  document["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  const Json single = Json::array({special_piece("[CLS]", 0), sequence_piece("A", 0), special_piece("[SEP]", 0)});
  Json pair = single;
  pair.push_back(sequence_piece("B", 1));
  pair.push_back(special_piece("[SEP]", 1));
  document["post_processor"] = {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}};
  for (const char* token : {"[CLS]", "[SEP]"})
    document["post_processor"]["special_tokens"][token] = special_token(token, trained);
  document["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  document["model"] = {{"type", "WordPiece"},
                       {"unk_token", "[UNK]"},
                       {"continuing_subword_prefix", "##"},
                       {"max_input_chars_per_word", 100}};
}

Json byte_level(bool trim_offsets) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", trim_offsets}, {"use_regex", true}};
}

void fill_byte_level(Json& document, const TokenizerTraining& training) {
  document["normalizer"] = training.lowercase ? Json{{"type", "Lowercase"}} : Json(nullptr);
  document["pre_tokenizer"] = byte_level(true);
  document["post_processor"] = byte_level(false);
  document["decoder"] = byte_level(true);
  document["model"] = {{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", nullptr},
                       {"continuing_subword_prefix", nullptr},
                       {"end_of_word_suffix", nullptr},
                       {"fuse_unk", false},
                       {"byte_fallback", false},
                       {"ignore_merges", false}};
}

Json document_of(const TokenizerTraining& training, const std::vector<std::string>& special_tokens,
                 const TrainedMerges& trained) {
  Json document{{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}};
  document["added_tokens"] = added_tokens_of(special_tokens);
  const bool is_word_piece = training.kind == TrainedKind::kWordPiece;
  if (is_word_piece) {
    fill_word_piece(document, training, trained);
  } else {
    fill_byte_level(document, training);
  }
  document["model"]["vocab"] = vocabulary_of(trained);
  if (!is_word_piece) document["model"]["merges"] = merges_of(trained);
  return document;
}

std::string merge_lines(const TrainedMerges& trained) {
  std::string lines = "#version: 0.2\n";
  for (const auto& [left, right] : trained.merges)
    lines +=
        trained.tokens[static_cast<std::size_t>(left)] + " " + trained.tokens[static_cast<std::size_t>(right)] + "\n";
  return lines;
}

}  // namespace

std::vector<std::string> usual_special_tokens(TrainedKind kind) {
  if (kind == TrainedKind::kBpe) return {kEndOfText};
  return {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
}

void write_trained_files(const TokenizerTraining& training, const std::vector<std::string>& special_tokens,
                         const TrainedMerges& trained, const std::filesystem::path& directory) {
  write_file_atomically(directory / "tokenizer.json",
                        to_json_text(document_of(training, special_tokens, trained), 2) + "\n");
  if (training.kind == TrainedKind::kBpe) {
    Json roles;
    for (const char* key : {"bos_token", "eos_token", "unk_token"}) roles[key] = kEndOfText;
    for (const auto& [key, token] : {std::pair{"mask_token", "<mask>"}, std::pair{"pad_token", "<pad>"}})
      if (std::find(special_tokens.begin(), special_tokens.end(), token) != special_tokens.end()) roles[key] = token;
    write_file_atomically(directory / "tokenizer_config.json", to_json_text(roles, 2) + "\n");
    write_file_atomically(directory / "vocab.json", to_json_text(vocabulary_of(trained)) + "\n");
    write_file_atomically(directory / "merges.txt", merge_lines(trained));
  }
  // Reading it back proves that it opens, and writes the other files as for any tokenizer.
  Tokenizer::load(directory).save(directory, {});
}

void write_unigram_files(const TokenizerTraining& training, const std::string& model,
                         const std::filesystem::path& directory) {
  write_file_atomically(directory / "spiece.model", model);
  const Json config{
      {"tokenizer_class", "AlbertTokenizer"}, {"do_lower_case", training.lowercase}, {"keep_accents", true}};
  write_file_atomically(directory / "tokenizer_config.json", to_json_text(config, 2) + "\n");
  Tokenizer::load(directory).save(directory, {});
}

}  // namespace llmtool
