#include "llmtool/tokenizer/tokenizer_state.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/hashing.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/pre_tokenizer.h"
#include "llmtool/tokenizer/scanner.h"
#include "llmtool/tokenizer/setting_conflicts.h"

namespace llmtool {
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
