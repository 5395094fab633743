#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace llmtool {

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

// Reads it with the SentencePiece library. Throws ModelError: the file is damaged, or its model is not Unigram.
SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path);

}  // namespace llmtool
