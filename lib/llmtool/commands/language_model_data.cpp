#include "llmtool/commands/language_model_data.h"

#include <filesystem>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/listed.h"
#include "llmtool/data/document_reader.h"
#include "llmtool/data/document_sequences.h"
#include "llmtool/data/document_split.h"
#include "llmtool/data/sentence_pairs.h"
#include "llmtool/data/token_blocks.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

bool has_pairs(const RunConfig& config) { return config.training.masked_lm.sentence_pairs != SentenceObjective::kNone; }

// Masked language models read texts as their tokenizer frames them; a causal one reads them bare, and starts and ends
// a document of its own as generation does.
SequenceFrame sequence_frame(const RunConfig& config, const Tokenizer& tokenizer) {
  SequenceFrame frame;
  frame.length = *config.tokenizer.max_length;
  const bool is_blocks = config.data.corpus.packing == Packing::kBlocks;
  if (config.task == TaskKind::kCausalLm) {
    frame.end_of_text = tokenizer.end_of_text_id();
    if (!is_blocks) frame.prefix = tokenizer.bos_id();
    return frame;
  }
  frame.prefix = tokenizer.cls_id();
  frame.suffix = tokenizer.sep_id();
  if (is_blocks) frame.end_of_text = tokenizer.sep_id();
  return frame;
}

// The texts of a corpus, and the tokens around them, have an embedding.
void require_limits(const SequenceFrame& frame, const Corpus& corpus, const Tokenizer& tokenizer,
                    const EmbeddingLimits& limits) {
  if (limits.num_ids == EmbeddingLimits::kNone) return;
  for (const auto& id : {frame.prefix, frame.suffix, frame.end_of_text})
    if (id) limits.require_id(tokenizer, *id);
  for (std::int64_t document = 0; document < corpus.num_documents(); ++document)
    for (const std::int32_t id : corpus.tokens(document))
      if (id >= limits.num_ids) limits.require_id(tokenizer, id, corpus.describe(document) + ": ");
}

// The second sentence of a pair is of type 1.
void require_pair_types(const RunConfig& config, const EmbeddingLimits& limits) {
  if (has_pairs(config) && limits.num_types == 1)
    throw ModelError(
        "pairs of sentences need two token types, but the model has one (type_vocab_size of its config.json); set "
        "training.sentence_pairs: none, or use another model");
}

std::shared_ptr<const SequenceSource> make_sequences(const RunConfig& config, const Tokenizer& tokenizer,
                                                     std::shared_ptr<const Corpus> corpus,
                                                     std::vector<std::int64_t> documents) {
  const SequenceFrame frame = sequence_frame(config, tokenizer);
  if (config.task == TaskKind::kCausalLm && frame.length < 2)
    throw ConfigError("tokenizer.max_length " + std::to_string(frame.length) +
                      " leaves no token to predict from another; use 2 or more");
  if (has_pairs(config))
    return std::make_shared<SentencePairs>(std::move(corpus), std::move(documents), frame,
                                           config.training.masked_lm.sentence_pairs,
                                           static_cast<std::uint64_t>(config.seed));
  if (config.data.corpus.packing == Packing::kBlocks)
    return std::make_shared<TokenBlocks>(std::move(corpus), std::move(documents), frame, config.data.corpus.stride);
  return std::make_shared<DocumentSequences>(std::move(corpus), documents, frame, config.data.corpus.stride);
}

void require_files(const DataOptions& data, const std::vector<std::string>& patterns) {
  for (const std::string& file : expand_file_patterns(patterns))
    open_rows(file, {.format = data.format, .header = data.header, .on_bad_row = {}, .layout = data.layout});
}

std::shared_ptr<const Corpus> read_corpus(const RunConfig& config, const std::vector<std::string>& patterns,
                                          const Tokenizer& tokenizer, std::int64_t num_threads, EventSink& events) {
  CorpusRequest request;
  request.source = {expand_file_patterns(patterns), config.data.format,          config.data.header,
                    config.data.text.front(),       config.data.corpus.document, config.data.layout};
  request.with_sentences = has_pairs(config);
  return std::make_shared<Corpus>(open_corpus(request, tokenizer, corpus_cache(config), num_threads, events));
}

TextSize text_size(const RunConfig& config, const Tokenizer& tokenizer, const Corpus& corpus,
                   const std::vector<std::int64_t>& documents) {
  TextSize size;
  if (sequence_frame(config, tokenizer).end_of_text) size.num_ends = static_cast<std::int64_t>(documents.size());
  for (const std::int64_t document : documents) {
    size.num_tokens += corpus.num_tokens(document);
    size.num_bytes += corpus.num_bytes(document);
  }
  return size;
}

LanguageModelSplit make_split(const RunConfig& config, const std::string& name,
                              const std::vector<std::string>& patterns, const Tokenizer& tokenizer,
                              const EmbeddingLimits& limits, const std::shared_ptr<const Corpus>& corpus,
                              std::vector<std::int64_t> documents) {
  require_limits(sequence_frame(config, tokenizer), *corpus, tokenizer, limits);
  LanguageModelSplit split;
  split.name = name;
  split.path = listed(patterns);
  split.sha256 = corpus->files_hash();
  split.num_documents = static_cast<std::int64_t>(documents.size());
  split.text = text_size(config, tokenizer, *corpus, documents);
  if (split.text.num_tokens == 0)
    throw DataError(split.path + ": the tokenizer makes no token of the " + name + " text");
  split.sequences = make_sequences(config, tokenizer, corpus, std::move(documents));
  return split;
}

}  // namespace

fs::path corpus_cache(const RunConfig& config) {
  if (!config.data.corpus.cache.empty()) return config.data.corpus.cache;
  // The folder that holds output_dir, be that written "runs/a", "runs/a/" or ".".
  return (absolute_path(config.output_dir) / "").lexically_normal().parent_path().parent_path() / "corpora";
}

LanguageModelSplit prepare_language_model_split(const RunConfig& config, const std::string& name,
                                                const std::vector<std::string>& patterns, const Tokenizer& tokenizer,
                                                const EmbeddingLimits& limits, std::int64_t num_threads,
                                                EventSink& events) {
  require_pair_types(config, limits);
  const auto corpus = read_corpus(config, patterns, tokenizer, num_threads, events);
  return make_split(config, name, patterns, tokenizer, limits, corpus, all_documents(*corpus));
}

LanguageModelData prepare_language_model_data(const RunConfig& config, const Tokenizer& tokenizer,
                                              const EmbeddingLimits& limits, std::int64_t num_threads,
                                              EventSink& events) {
  require_pair_types(config, limits);
  LanguageModelData data;
  const std::vector<std::string>& train = config.data.train;
  const auto& validation = config.data.validation;
  // Known before the long work of tokenising.
  if (validation && !validation->share) require_files(config.data, {validation->file});
  if (config.data.test) require_files(config.data, {*config.data.test});
  if (validation && validation->share) {
    const auto corpus = read_corpus(config, train, tokenizer, num_threads, events);
    DocumentSplit parts = split_documents(*corpus, *validation->share, static_cast<std::uint64_t>(config.seed));
    data.training = make_split(config, "training", train, tokenizer, limits, corpus, std::move(parts.training));
    data.validation = make_split(config, "validation", train, tokenizer, limits, corpus, std::move(parts.validation));
  } else {
    data.training = prepare_language_model_split(config, "training", train, tokenizer, limits, num_threads, events);
    if (validation)
      data.validation = prepare_language_model_split(config, "validation", {validation->file}, tokenizer, limits,
                                                     num_threads, events);
  }
  if (config.data.test)
    data.test =
        prepare_language_model_split(config, "test", {*config.data.test}, tokenizer, limits, num_threads, events);
  return data;
}

std::shared_ptr<const TargetRule> make_target_rule(const RunConfig& config, const Tokenizer& tokenizer,
                                                   const EmbeddingLimits& limits) {
  if (config.task == TaskKind::kCausalLm) return std::make_shared<NextTokenRule>();
  MaskingVocabulary vocabulary = MaskingVocabulary::of(tokenizer, limits.num_ids);
  limits.require_id(tokenizer, vocabulary.mask_id);
  return std::make_shared<MaskedTokenRule>(Masker(config.training.masked_lm.masking, std::move(vocabulary)),
                                           static_cast<std::uint64_t>(config.seed));
}

void log_split(const LanguageModelSplit& split, std::int64_t max_length, EventSink& events) {
  const std::int64_t num_truncated = split.sequences->num_truncated();
  events.info(split.name + " data: " + std::to_string(split.num_documents) + " documents of " + split.path + ", " +
                  std::to_string(split.text.num_tokens) + " tokens in " +
                  std::to_string(split.sequences->num_sequences()) + " sequences of up to " +
                  std::to_string(max_length),
              {{"split", split.name},
               {"num_documents", split.num_documents},
               {"num_tokens", split.text.num_tokens},
               {"num_sequences", split.sequences->num_sequences()},
               {"num_truncated", num_truncated}});
  if (num_truncated > 0)
    events.warning(split.name + " data: " + std::to_string(num_truncated) + " of " +
                   std::to_string(split.sequences->num_sequences()) + " sequences are longer than " +
                   std::to_string(max_length) + " tokens (tokenizer.max_length) and are cut; " +
                   split.sequences->advice_on_truncation());
  const std::int64_t num_left_out = split.sequences->num_left_out();
  if (num_left_out > 0)
    events.warning(split.name + " data: " + std::to_string(num_left_out) + " of " +
                   std::to_string(split.num_documents) +
                   " documents have a single sentence, make no pair and are left "
                   "out; sentences are the lines of a document");
}

}  // namespace llmtool
