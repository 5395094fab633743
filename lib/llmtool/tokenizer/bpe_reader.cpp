// Bpe::make: the model of a tokenizer.json.
#include <string>
#include <unordered_map>
#include <utility>

#include "llmtool/tokenizer/bpe.h"

namespace llmtool {
namespace {

struct WrittenMerge {
  std::string left;
  std::string right;
};

std::string merge_name(std::size_t index) { return "merges[" + std::to_string(index) + "]"; }

// "a b" as it was written until tokenizers 0.19, ["a", "b"] since.
WrittenMerge read_merge(const ComponentReader& reader, const Json& merge, std::size_t index) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  if (!merge.is_string()) reader.fail(merge_name(index) + " must be two tokens, \"a b\" or [\"a\", \"b\"]");
  const auto text = merge.get<std::string>();
  const std::size_t space = text.find(' ');
  if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
    reader.fail(merge_name(index) + " must be two tokens with one space between them, found " + quote(text));
  return {text.substr(0, space), text.substr(space + 1)};
}

class MergeReader {
 public:
  MergeReader(ComponentReader& reader, const Vocabulary& vocabulary, std::size_t prefix_length)
      : reader_(reader), prefix_length_(prefix_length) {
    for (const auto& [token, id] : vocabulary.entries()) ids_.emplace(token, id);
  }

  std::vector<MergeTable::Merge> read() const {
    const Json& list = reader_.value("merges");
    if (!list.is_array()) reader_.fail("'merges' must be a list");
    std::vector<MergeTable::Merge> merges;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Json& written = list[i];
      if (written.is_string() && written.get_ref<const std::string&>().starts_with("#version")) continue;
      merges.push_back(resolve(read_merge(reader_, written, i), i, merges.size()));
    }
    return merges;
  }

 private:
  MergeTable::Merge resolve(const WrittenMerge& merge, std::size_t index, std::size_t rank) const {
    if (merge.right.size() < prefix_length_)
      reader_.fail(merge_name(index) + ": the token " + quote(merge.right) + " lacks the continuing_subword_prefix");
    return {id_of(merge.left, index), id_of(merge.right, index), static_cast<std::int32_t>(rank),
            id_of(merge.left + merge.right.substr(prefix_length_), index)};
  }

  std::int32_t id_of(const std::string& token, std::size_t index) const {
    const auto found = ids_.find(token);
    if (found == ids_.end()) reader_.fail(merge_name(index) + ": the token " + quote(token) + " is not in 'vocab'");
    return found->second;
  }

  ComponentReader& reader_;
  std::size_t prefix_length_;
  std::unordered_map<std::string_view, std::int32_t> ids_;
};

std::string optional_string(ComponentReader& reader, std::string_view key) {
  return reader.has(key) ? reader.string(key) : "";
}

bool optional_flag(ComponentReader& reader, std::string_view key) { return reader.has(key) && reader.boolean(key); }

void refuse_dropout(ComponentReader& reader) {
  if (!reader.has("dropout")) return;
  const Json& dropout = reader.value("dropout");
  if (!dropout.is_number() || dropout.get<double>() != 0)
    reader.fail("'dropout' other than 0 is not supported: the same text would give other ids each time");
}

}  // namespace

std::unique_ptr<Model> Bpe::make(ComponentReader& reader) {
  refuse_dropout(reader);
  Options options;
  if (reader.has("unk_token")) options.unk_token = reader.string("unk_token");
  options.continuing_subword_prefix = optional_string(reader, "continuing_subword_prefix");
  options.end_of_word_suffix = optional_string(reader, "end_of_word_suffix");
  options.fuse_unk = optional_flag(reader, "fuse_unk");
  options.byte_fallback = optional_flag(reader, "byte_fallback");
  options.ignore_merges = optional_flag(reader, "ignore_merges");
  Vocabulary vocabulary = read_vocabulary(reader);
  if (const auto shared = vocabulary.shared_id())
    reader.fail("two tokens of 'vocab' have the id " + std::to_string(*shared));
  MergeTable merges(MergeReader(reader, vocabulary, options.continuing_subword_prefix.size()).read());
  auto model = std::make_unique<Bpe>(std::move(vocabulary), std::move(merges), std::move(options));
  if (model->options_.unk_token && !model->unk_id_)
    reader.fail("the unk_token " + quote(*model->options_.unk_token) + " is not in the vocabulary");
  return model;
}

}  // namespace llmtool
