#include "llmtool/tokenizer/metaspace.h"

#include <utility>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {
namespace {

using Prepend = MetaspaceOptions::Prepend;

Prepend read_prepend_scheme(ComponentReader& reader) {
  // Files written until tokenizers 0.15 have only this key.
  const bool adds_prefix_space = !reader.has("add_prefix_space") || reader.boolean("add_prefix_space");
  if (!reader.has("prepend_scheme")) return adds_prefix_space ? Prepend::kAlways : Prepend::kNever;
  const std::string scheme = reader.string("prepend_scheme");
  if (!adds_prefix_space && scheme != "never")
    reader.fail("'add_prefix_space': false contradicts the prepend_scheme " + quote(scheme));
  if (scheme == "always") return Prepend::kAlways;
  if (scheme == "first") return Prepend::kFirst;
  if (scheme == "never") return Prepend::kNever;
  reader.fail("the prepend_scheme " + quote(scheme) + " is none of always, first, never");
}

}  // namespace

MetaspaceOptions read_metaspace_options(ComponentReader& reader) {
  MetaspaceOptions options;
  options.replacement = read_character(reader, "replacement");
  options.prepend = read_prepend_scheme(reader);
  if (reader.has("split")) options.split = reader.boolean("split");
  reader.ignore("str_rep");  // the replacement again, in old files
  return options;
}

std::unique_ptr<PreTokenizer> MetaspacePreTokenizer::make(ComponentReader& reader) {
  return std::make_unique<MetaspacePreTokenizer>(read_metaspace_options(reader));
}

bool MetaspacePreTokenizer::prepends(const PreTokenizedText& pre_tokenized, const PreTokenizedText::Word& word) const {
  const auto& first = pre_tokenized.text.characters()[word.begin];
  if (first.code_point == U' ' || first.code_point == options_.replacement) return false;
  if (options_.prepend != Prepend::kFirst) return options_.prepend == Prepend::kAlways;
  // What a normalizer dropped before the first character belongs to a text that is not cut yet.
  const bool is_whole = word.begin == 0 && word.end == pre_tokenized.text.size();
  return (is_whole ? pre_tokenized.begin : first.origin.begin) == 0;
}

void MetaspacePreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  std::vector<NormalizedText::Character> rewritten;
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    const std::size_t first = rewritten.size();
    words.push_back({first, first});
    const auto append = [&](const NormalizedText::Character& character) {
      const bool cuts = options_.split && character.code_point == options_.replacement;
      if (cuts && words.back().begin < rewritten.size()) words.push_back({rewritten.size(), 0});
      rewritten.push_back(character);
      words.back().end = rewritten.size();
    };
    if (prepends(pre_tokenized, word))
      append({options_.replacement, pre_tokenized.text.characters()[word.begin].origin});
    for (std::size_t i = word.begin; i < word.end; ++i) {
      NormalizedText::Character character = pre_tokenized.text.characters()[i];
      if (character.code_point == U' ') character.code_point = options_.replacement;
      append(character);
    }
  }
  pre_tokenized.text.rewrite(std::move(rewritten));
  pre_tokenized.words = std::move(words);
}

std::unique_ptr<Decoder> MetaspaceDecoder::make(ComponentReader& reader) {
  return std::make_unique<MetaspaceDecoder>(read_metaspace_options(reader));
}

std::vector<std::string> MetaspaceDecoder::rewrite(std::vector<std::string> tokens) const {
  std::string replacement;
  append_utf8(options_.replacement, replacement);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = replace_all(tokens[i], replacement, i == 0 && options_.prepend != Prepend::kNever ? "" : " ");
  return tokens;
}

}  // namespace llmtool
