#include "llmtool/tokenizer/post_processor.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {
namespace {

using Piece = PostProcessor::Piece;
constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max();

std::int32_t read_type_id(ComponentReader& reader) {
  return static_cast<std::int32_t>(reader.integer("type_id", 0, kLargest));
}

std::vector<std::int32_t> read_ids(ComponentReader& reader) {
  const Json& list = reader.value("ids");
  if (!list.is_array()) reader.fail("'ids' must be a list of whole numbers");
  std::vector<std::int32_t> ids;
  for (const Json& id : list) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargest))
      reader.fail("'ids' must be a list of whole numbers");
    ids.push_back(id.get<std::int32_t>());
  }
  return ids;
}

std::map<std::string, std::vector<std::int32_t>> read_special_tokens(ComponentReader& reader) {
  const Json& object = reader.value("special_tokens");
  if (!object.is_object()) reader.fail("'special_tokens' must be an object");
  std::map<std::string, std::vector<std::int32_t>> special_tokens;
  for (const auto& [name, value] : object.items()) {
    ComponentReader entry = reader.child(value, "special_tokens." + name);
    special_tokens[name] = read_ids(entry);
    entry.ignore("id");
    entry.ignore("tokens");
    entry.finish();
  }
  return special_tokens;
}

Piece read_piece(ComponentReader& reader, const std::map<std::string, std::vector<std::int32_t>>& special_tokens) {
  const bool is_sequence = reader.has("Sequence");
  const std::string kind = is_sequence ? "Sequence" : "SpecialToken";
  ComponentReader body = reader.child(reader.value(kind), kind);
  reader.finish();
  const std::string id = body.string("id");
  const std::int32_t type_id = read_type_id(body);
  body.finish();
  if (is_sequence) {
    if (id != "A" && id != "B") body.fail("the sequence " + quote(id) + " is neither 'A' nor 'B'");
    return {id == "A" ? 0 : 1, type_id, {}};
  }
  const auto special = special_tokens.find(id);
  if (special == special_tokens.end()) body.fail("the token " + quote(id) + " is not among 'special_tokens'");
  return {-1, type_id, special->second};
}

// They stand in every encoding.
constexpr std::size_t kMostTemplateTokens = 1'000;

void require_few_tokens(const ComponentReader& reader, const std::vector<Piece>& pieces) {
  std::size_t count = pieces.size();
  for (const Piece& piece : pieces) count += piece.ids.size();
  if (count > kMostTemplateTokens)
    reader.fail("the template has more than " + std::to_string(kMostTemplateTokens) + " parts, the most it may have");
}

PostProcessor make_template(ComponentReader& reader) {
  const auto special_tokens = read_special_tokens(reader);
  std::vector<Piece> single;
  std::vector<Piece> pair;
  for (ComponentReader& piece : reader.list("single")) {
    single.push_back(read_piece(piece, special_tokens));
    if (single.back().sequence == 1) piece.fail("the template of a single text names the sequence 'B'");
  }
  for (ComponentReader& piece : reader.list("pair")) pair.push_back(read_piece(piece, special_tokens));
  require_few_tokens(reader, single);
  require_few_tokens(reader, pair);
  return {std::move(single), std::move(pair)};
}

// ["[SEP]", 102]
std::int32_t read_token_and_id(ComponentReader& reader, std::string_view key) {
  const Json& value = reader.value(key);
  if (!value.is_array() || value.size() != 2 || !value[0].is_string() || !value[1].is_number_unsigned() ||
      value[1].get<std::uint64_t>() > static_cast<std::uint64_t>(kLargest))
    reader.fail(quote(key) + " must be a token and its id");
  return value[1].get<std::int32_t>();
}

PostProcessor make_bert(ComponentReader& reader) {
  const std::int32_t cls = read_token_and_id(reader, "cls");
  const std::int32_t sep = read_token_and_id(reader, "sep");
  const std::vector<Piece> single{{-1, 0, {cls}}, {0, 0, {}}, {-1, 0, {sep}}};
  std::vector<Piece> pair = single;
  pair.push_back({1, 1, {}});
  pair.push_back({-1, 1, {sep}});
  return {single, std::move(pair)};
}

void read_trimming(ComponentReader& reader, PostProcessor& post_processor) {
  const bool add_prefix_space = reader.boolean("add_prefix_space");
  if (reader.boolean("trim_offsets")) post_processor.set_trimming({add_prefix_space});
}

PostProcessor make_byte_level(ComponentReader& reader) {
  reader.ignore("use_regex");  // means something in the pre-tokenizer only
  PostProcessor post_processor;
  read_trimming(reader, post_processor);
  return post_processor;
}

// <s> A </s>, and for two texts <s> A </s> </s> B </s>, all of type 0 (processors/roberta.rs).
PostProcessor make_roberta(ComponentReader& reader) {
  const std::int32_t cls = read_token_and_id(reader, "cls");
  const std::int32_t sep = read_token_and_id(reader, "sep");
  const std::vector<Piece> single{{-1, 0, {cls}}, {0, 0, {}}, {-1, 0, {sep}}};
  std::vector<Piece> pair = single;
  pair.insert(pair.end(), {{-1, 0, {sep}}, {1, 0, {}}, {-1, 0, {sep}}});
  PostProcessor post_processor(single, std::move(pair));
  read_trimming(reader, post_processor);
  return post_processor;
}

// Any number of ByteLevel, which only trims, and at most one that lays out.
PostProcessor make_sequence(ComponentReader& reader) {
  PostProcessor combined;
  bool lays_out = false;
  for (ComponentReader& member : reader.list("processors")) {
    const bool is_byte_level = member.has("type") && member.string("type") == "ByteLevel";
    if (!is_byte_level && std::exchange(lays_out, true))
      member.fail("a second post-processor that adds special tokens is not supported");
    const PostProcessor next = make_post_processor(member);
    if (combined.trimming() && next.trimming()) member.fail("trimming offsets twice is not supported");
    const std::optional<PostProcessor::Trimming> trimming = next.trimming() ? next.trimming() : combined.trimming();
    if (!is_byte_level) combined = next;
    if (trimming) combined.set_trimming(*trimming);
  }
  return combined;
}

struct Row {
  const char* type;
  PostProcessor (*make)(ComponentReader&);
};

constexpr std::array kRows{Row{"BertProcessing", make_bert}, Row{"ByteLevel", make_byte_level},
                           Row{"RobertaProcessing", make_roberta}, Row{"Sequence", make_sequence},
                           Row{"TemplateProcessing", make_template}};

}  // namespace

PostProcessor::PostProcessor() : single_{{0, 0, {}}}, pair_{{0, 0, {}}, {1, 1, {}}} {}

PostProcessor::PostProcessor(std::vector<Piece> single, std::vector<Piece> pair)
    : single_(std::move(single)), pair_(std::move(pair)) {}

std::int64_t PostProcessor::num_special_tokens(bool pair) const {
  std::size_t count = 0;
  for (const Piece& piece : layout(pair)) count += piece.ids.size();
  return static_cast<std::int64_t>(count);
}

OuterSpaces outer_spaces(std::string_view token) {
  constexpr char32_t kByteLevelSpace = U'Ġ';
  OuterSpaces spaces;
  std::int32_t length = 0;
  for (std::size_t position = 0; position < token.size(); ++length) {
    const char32_t c = decode_utf8(token, position);
    const bool is_space = c == kByteLevelSpace || character_properties(c).is(CharacterProperties::kWhitespace);
    if (is_space && spaces.leading == length) ++spaces.leading;
    spaces.trailing = is_space ? spaces.trailing + 1 : 0;
  }
  return spaces;
}

Offset PostProcessor::trimmed(Offset offset, OuterSpaces spaces, bool is_first) const {
  if (spaces.leading > 0) {
    // A single space was put there and has no place in the text; more of them were not.
    if (trimming_->add_prefix_space && spaces.leading == 1 && (is_first || offset.begin == 0)) spaces.leading = 0;
    offset.begin = std::min(offset.begin + spaces.leading, offset.end);
  }
  if (spaces.trailing > 0 && offset.end >= spaces.trailing)
    offset.end = std::max(offset.end - spaces.trailing, offset.begin);
  return offset;
}

std::vector<std::string> post_processor_types() { return component_types(kRows); }

PostProcessor make_post_processor(ComponentReader reader) {
  const std::string type = reader.string("type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    PostProcessor post_processor = row.make(reader);
    reader.finish();
    return post_processor;
  }
  reader.unsupported(type, post_processor_types());
}

}  // namespace llmtool
