#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace llmtool {

// What a SentencePiece `.model` file holds of a Unigram model.
struct SentencePieceModel {
  struct Piece {
    std::string text;
    float score;
  };
  std::vector<Piece> pieces;  // by id
  std::string charsmap;       // compiled rules of its normalisation; empty without any
};

// Reads it with the SentencePiece library. Throws ModelError: the file is damaged, or its model is not Unigram.
SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path);

}  // namespace llmtool
