#include "llmtool/tokenizer/tokenizer_verification.h"

#include <algorithm>
#include <optional>
#include <string>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

struct GoldenRow {
  std::string text;
  std::optional<std::string> pair;
  Json ids;
  Json offsets;  // null: not recorded
};

[[noreturn]] void fail(const SourcePosition& position, const std::string& problem) {
  throw DataError(position, problem +
                                "; expected {\"text\": \"…\", \"ids\": [101, …]}, and where recorded \"pair\": "
                                "\"…\" and \"offsets\": [[0, 3], …]");
}

std::string text_of(const Json& row, const char* key, const SourcePosition& position) {
  if (!row[key].is_string()) fail(position, quote(key) + " must be a string");
  return row[key].get<std::string>();
}

bool is_list_of_integers(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& element) { return element.is_number_integer(); });
}

GoldenRow read_row(const Row& row, const SourcePosition& position) {
  Json object = Json::object();
  for (const auto& [name, value] : row.values()) {
    std::string text;
    value.append_json(text);
    object[name] = parse_json(text, position.file, ExitCode::kData, position.line);
  }
  for (const char* key : {"text", "ids"})
    if (!object.contains(key)) fail(position, "the row has no " + quote(key));
  GoldenRow golden{text_of(object, "text", position), std::nullopt, object["ids"], nullptr};
  if (object.contains("pair") && !object["pair"].is_null()) golden.pair = text_of(object, "pair", position);
  if (!is_list_of_integers(golden.ids)) fail(position, "'ids' must be a list of whole numbers");
  if (!object.contains("offsets") || object["offsets"].is_null()) return golden;
  golden.offsets = object["offsets"];
  if (!golden.offsets.is_array()) fail(position, "'offsets' must be a list");
  for (const Json& offset : golden.offsets)
    if (!is_list_of_integers(offset) || offset.size() != 2)
      fail(position, "'offsets' must hold pairs of whole numbers");
  return golden;
}

Json offsets_of(const Encoding& encoding) {
  Json offsets = Json::array();
  for (const Offset& offset : encoding.offsets) offsets.push_back(Json::array({offset.begin, offset.end}));
  return offsets;
}

Json difference(const char* what, const Json& expected, const Json& found) {
  std::size_t position = 0;
  while (position < std::min(expected.size(), found.size()) && expected[position] == found[position]) ++position;
  return {{"what", what}, {"position", position}, {"expected", expected}, {"found", found}};
}

}  // namespace

TokenizerVerification verify_tokenizer(const Tokenizer& tokenizer, RowReader& reader, bool add_special_tokens,
                                       std::size_t num_shown) {
  TokenizerVerification result;
  Row row;
  while (reader.next(row)) {
    const GoldenRow golden = read_row(row, {reader.name(), row.line(), 0});
    const bool with_offsets = !golden.offsets.is_null();
    Encoding encoding;
    std::optional<std::string_view> pair;
    if (golden.pair) pair = *golden.pair;
    tokenizer.encode_into(golden.text, pair, {.add_special_tokens = add_special_tokens, .offsets = with_offsets},
                          encoding);
    ++result.num_rows;
    Json found;
    if (golden.ids != Json(encoding.ids)) {
      found = difference("ids", golden.ids, Json(encoding.ids));
    } else if (with_offsets && golden.offsets != offsets_of(encoding)) {
      found = difference("offsets", golden.offsets, offsets_of(encoding));
    } else {
      continue;
    }
    if (static_cast<std::size_t>(result.num_different++) >= num_shown) continue;
    Json shown{{"line", row.line()}, {"text", golden.text}};
    if (golden.pair) shown["pair"] = *golden.pair;
    shown.update(found);
    result.first_differences.push_back(std::move(shown));
  }
  if (result.num_rows == 0) throw DataError({reader.name(), 0, 0}, "there are no rows in it");
  return result;
}

}  // namespace llmtool
