#include "llmtool/tokenizer/sentencepiece_model.h"

#include <sentencepiece_processor.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/model_file.h"
#include "llmtool/core/utf8.h"

namespace llmtool {
namespace {

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

}  // namespace

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

}  // namespace llmtool
