#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/model.h"

namespace llmtool::testing {

// Words of the tiny model's vocabulary, special tokens left out: ids count from 5.
const std::vector<std::string>& tiny_words();

// A BERT of two layers and 32 positions with random weights, in evaluation mode. `dropout` acts in training mode.
std::shared_ptr<Model> make_tiny_classifier(std::int64_t num_labels, double dropout = 0.0);

// The same with a tokenizer (vocab.txt, tokenizer_config.json) as a model folder.
void write_tiny_model(const std::filesystem::path& directory, const std::vector<std::string>& labels);

// `num_examples` texts of different lengths with labels, as encode_records would make them.
EncodedDataset make_tiny_dataset(std::int64_t num_examples, std::int64_t num_labels);

}  // namespace llmtool::testing
