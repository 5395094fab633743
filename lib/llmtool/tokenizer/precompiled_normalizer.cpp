#include "llmtool/tokenizer/precompiled_normalizer.h"

#include <openssl/evp.h>
#include <utf8proc.h>

#include <cstring>
#include <stdexcept>

#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

std::string decode_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0 || text.size() % 4 != 0) throw std::invalid_argument("it is not base64");
  // The decoder counts the padding as zero bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the zero that the encoder puts behind it
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

namespace {

using Change = NormalizedText::Change;

// Longer clusters are taken character by character.
constexpr std::size_t kLongestCluster = 5;

// Units of the darts-clone double array.
bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t value_of(std::uint32_t unit) { return unit & 0x7fffffffU; }
std::uint32_t label_of(std::uint32_t unit) { return unit & 0x800000ffU; }
std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

void append_changes(std::string_view from, std::string_view to, std::vector<Change>& changes) {
  const auto difference =
      static_cast<std::int32_t>(count_code_points(to)) - static_cast<std::int32_t>(count_code_points(from));
  const std::size_t first = changes.size();
  for (std::size_t position = 0; position < to.size();) changes.push_back({decode_utf8(to, position), 0});
  // The last ones come besides; or the last one, be it of an earlier replacement, swallows what is too many.
  for (std::int32_t i = 0; i < difference; ++i) changes[changes.size() - 1 - static_cast<std::size_t>(i)].change = 1;
  if (difference < 0 && (first > 0 || !to.empty())) changes.back().change += difference;
}

int boundary_class(char32_t c) { return static_cast<int>(utf8proc_get_property(static_cast<int>(c))->boundclass); }

bool is_control(char32_t c) {
  const int found = boundary_class(c);
  return found == UTF8PROC_BOUNDCLASS_CONTROL || found == UTF8PROC_BOUNDCLASS_CR || found == UTF8PROC_BOUNDCLASS_LF;
}

bool is_known_to_continue(char32_t c) {
  const int found = boundary_class(c);
  return found == UTF8PROC_BOUNDCLASS_EXTEND || found == UTF8PROC_BOUNDCLASS_SPACINGMARK ||
         found == UTF8PROC_BOUNDCLASS_ZWJ;
}

// Which characters continue a cluster depends on the version of Unicode: the tokenizers release decides, utf8proc knows
// the rules for all others.
bool is_boundary(char32_t previous, char32_t current, utf8proc_int32_t& state) {
  const bool is_break = utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(previous),
                                                         static_cast<utf8proc_int32_t>(current), &state);
  if (character_properties(current).is(CharacterProperties::kContinuesCluster)) return is_control(previous);
  return is_break || is_known_to_continue(current);
}

// Bytes of the extended grapheme cluster that begins at `position`.
std::size_t cluster_size(std::string_view text, std::size_t position) {
  const std::size_t begin = position;
  utf8proc_int32_t state = 0;
  char32_t previous = decode_utf8(text, position);
  while (position < text.size()) {
    std::size_t next = position;
    const char32_t current = decode_utf8(text, next);
    if (is_boundary(previous, current, state)) break;
    previous = current;
    position = next;
  }
  return position - begin;
}

}  // namespace

PrecompiledNormalizer::PrecompiledNormalizer(std::string_view charsmap) {
  std::uint32_t size = 0;
  if (charsmap.size() >= sizeof(size)) std::memcpy(&size, charsmap.data(), sizeof(size));
  if (size == 0 || size % sizeof(std::uint32_t) != 0 || size > charsmap.size() - sizeof(size))
    throw std::invalid_argument("it is cut short or no compiled character map");
  units_.resize(size / sizeof(std::uint32_t));
  std::memcpy(units_.data(), charsmap.data() + sizeof(size), size);
  replacements_ = charsmap.substr(sizeof(size) + size);
  if (find_invalid_utf8(replacements_)) throw std::invalid_argument("its replacements are not UTF-8");
}

std::unique_ptr<Normalizer> PrecompiledNormalizer::make(ComponentReader& reader) {
  try {
    return std::make_unique<PrecompiledNormalizer>(decode_base64(reader.string("precompiled_charsmap")));
  } catch (const std::invalid_argument& error) {
    reader.fail(std::string("'precompiled_charsmap' is damaged: ") + error.what());
  }
}

// Positions of a damaged array may lie anywhere: such a unit belongs to no text.
std::uint32_t PrecompiledNormalizer::unit(std::size_t position) const {
  return position < units_.size() ? units_[position] : 0x80000000U;
}

std::optional<std::string_view> PrecompiledNormalizer::replacement_of(std::string_view text) const {
  std::size_t position = offset_of(units_.front());
  for (const char byte : text) {
    const auto label = static_cast<unsigned char>(byte);
    if (label == 0) return std::nullopt;
    position ^= label;
    const std::uint32_t reached = unit(position);
    if (label_of(reached) != label) return std::nullopt;
    position ^= offset_of(reached);
    if (!has_leaf(reached)) continue;
    const std::size_t begin = value_of(unit(position));
    if (begin > replacements_.size()) return std::nullopt;
    return std::string_view(replacements_).substr(begin, replacements_.find('\0', begin) - begin);
  }
  return std::nullopt;
}

bool PrecompiledNormalizer::append_replacement(std::string_view text, std::vector<Change>& changes) const {
  const auto replacement = replacement_of(text);
  if (replacement) append_changes(text, *replacement, changes);
  return replacement.has_value();
}

void PrecompiledNormalizer::normalize(NormalizedText& text) const {
  const std::string bytes = text.to_utf8();
  std::vector<Change> changes;
  changes.reserve(text.size());
  bool is_modified = false;
  for (std::size_t position = 0; position < bytes.size();) {
    const std::string_view cluster = std::string_view(bytes).substr(position, cluster_size(bytes, position));
    position += cluster.size();
    text.require_room(changes.size());
    if (cluster.size() <= kLongestCluster && append_replacement(cluster, changes)) {
      is_modified = true;
      continue;
    }
    for (std::size_t at = 0; at < cluster.size();) {
      const std::size_t begin = at;
      const char32_t code_point = decode_utf8(cluster, at);
      text.require_room(changes.size());
      if (append_replacement(cluster.substr(begin, at - begin), changes))
        is_modified = true;
      else
        changes.push_back({code_point, 0});
    }
  }
  if (is_modified) text.transform(changes);
}

}  // namespace llmtool
