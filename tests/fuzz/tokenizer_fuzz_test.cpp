// All files a tokenizer is read from.

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "../support/temporary_directory.h"
#include "attempt.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool::testing {
namespace {

namespace fs = std::filesystem;

// What was read must also work: texts are encoded and decoded, the tokenizer is saved.
void use(const fs::path& directory, const std::optional<fs::path>& saved) {
  const Tokenizer tokenizer = Tokenizer::load(directory);
  EncodeOptions options;
  options.offsets = true;
  for (const char* text :
       {"", "A film, [MASK] it's good!", "é e\u0301 ﬁ 中文 😀 \u200b\n\ttabs", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}) {
    const Encoding encoding = tokenizer.encode(text, options);
    tokenizer.decode(encoding.ids, false);
    tokenizer.encode(text, "and another", {});
  }
  if (saved) tokenizer.save(*saved, {});
}

struct Seed {
  std::string name;
  std::vector<std::pair<std::string, std::string>> files;
};

// Folders of small tokenizers of every kind and layout.
std::vector<Seed> seeds() {
  std::vector<Seed> all;
  const std::string config =
      R"({"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 64, "cls_token": "[CLS]",
          "added_tokens_decoder": {"4": {"content": "[MASK]", "lstrip": true, "special": true}}})";
  const std::string special = R"({"cls_token": "[CLS]", "mask_token": {"content": "[MASK]", "lstrip": true}})";
  all.push_back({"vocab.txt",
                 {{"vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nfilm\n##s\ngood\n!\n,\n##a\n"},
                  {"tokenizer_config.json", config},
                  {"special_tokens_map.json", special},
                  {"added_tokens.json", R"({"<new>": 12, "another": 13})"}}});
  all.push_back(
      {"vocab.json and merges.txt",
       {{"vocab.json", R"({"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "<|endoftext|>": 5, "aa": 6, "aaab": 7})"},
        {"merges.txt", "#version: 0.2\na b\nĠ ab\na a\naa ab\n"},
        {"tokenizer_config.json", R"({"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": false})"}}});
  for (const char* name :
       {"uncased", "byte-level", "components", "splits", "metaspace", "nfkd", "unigram-bytes", "precompiled"})
    all.push_back({name,
                   {{"tokenizer.json", read_file(fixture(std::string("tokenizer/") + name + "/tokenizer.json"))},
                    {"tokenizer_config.json", config}}});
  all.push_back({"SentencePiece",
                 {{"spiece.model", read_file(fixture("tokenizer/albert/spiece.model"))},
                  {"tokenizer_config.json", read_file(fixture("tokenizer/albert/tokenizer_config.json"))}}});
  return all;
}

bool is_json(const std::string& name) { return name.ends_with(".json"); }

void try_seed(const Seed& seed, std::int64_t rounds) {
  const TemporaryDirectory folder;
  const TemporaryDirectory saved;
  try_damage("tokenizer " + seed.name, rounds, [&](Mutation& mutation) {
    const std::size_t damaged = mutation.below(2) == 0 ? 0 : mutation.below(seed.files.size());
    for (std::size_t i = 0; i < seed.files.size(); ++i) {
      const auto& [name, content] = seed.files[i];
      const bool keeps_syntax = is_json(name) && mutation.below(3) != 0;
      const std::string changed = keeps_syntax ? mutation.json(content) : mutation.bytes(content, content);
      folder.write(name, i == damaged ? changed : content);
    }
    // To save is slow: it waits for the disk.
    const std::optional<fs::path> target = mutation.below(16) == 0 ? std::optional(saved.path()) : std::nullopt;
    return [directory = folder.path(), target] { use(directory, target); };
  });
}

TEST_CASE("Damaged files of small tokenizers are refused or read") {
  for (const Seed& seed : seeds()) {
    const bool is_small = seed.files.front().second.size() < 2000;
    try_seed(seed, is_small ? 800 : 60);
  }
}

}  // namespace
}  // namespace llmtool::testing
