#include "llmtool/tasks/language_modeling/data.h"

#include <filesystem>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/data/corpus.h"
#include "llmtool/data/sequences.h"
#include "llmtool/data/split.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

bool has_pairs(const RunConfig& config) {
  return config.training.task.masked_lm.sentence_pairs != SentenceObjective::kNone;
}

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
                                           config.training.task.masked_lm.sentence_pairs,
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

LanguageModelExamples make_examples(const RunConfig& config, const std::string& name,
                                    const std::vector<std::string>& patterns, const RunTokenizer& run,
                                    const std::shared_ptr<const Corpus>& corpus, std::vector<std::int64_t> documents) {
  const Tokenizer& tokenizer = run.tokenizer;
  require_limits(sequence_frame(config, tokenizer), *corpus, tokenizer, run.limits);
  LanguageModelExamples examples;
  examples.max_length = *config.tokenizer.max_length;
  examples.rule = make_target_rule(config, run);
  examples.name = name;
  examples.path = listed(patterns);
  examples.sha256 = corpus->files_hash();
  examples.num_documents = static_cast<std::int64_t>(documents.size());
  examples.text = text_size(config, tokenizer, *corpus, documents);
  if (examples.text.num_tokens == 0)
    throw DataError(examples.path + ": the tokenizer makes no token of the " + name + " text");
  examples.sequences = make_sequences(config, tokenizer, corpus, std::move(documents));
  return examples;
}

}  // namespace

std::vector<std::vector<std::int32_t>> LanguageModelExamples::token_ids(std::int64_t example) const {
  return {make_example(*sequences, *rule, example, 0).sequence.ids};
}

LanguageModelExamples read_language_model_examples(const RunConfig& config, const std::string& name,
                                                   const std::vector<std::string>& patterns,
                                                   const RunTokenizer& tokenizer, std::int64_t num_threads,
                                                   EventSink& events) {
  require_pair_types(config, tokenizer.limits);
  const auto corpus = read_corpus(config, patterns, tokenizer.tokenizer, num_threads, events);
  return make_examples(config, name, patterns, tokenizer, corpus, all_documents(*corpus));
}

DataParts<LanguageModelExamples> read_language_model_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                                          std::int64_t num_threads, EventSink& events) {
  require_pair_types(config, tokenizer.limits);
  const std::vector<std::string>& train = config.data.train;
  const auto& validation = config.data.validation;
  // Known before the long work of tokenising.
  if (validation && !validation->share) require_files(config.data, {validation->file});
  if (config.data.test) require_files(config.data, {*config.data.test});
  const auto read = [&](const std::string& name, const std::vector<std::string>& patterns) {
    return read_language_model_examples(config, name, patterns, tokenizer, num_threads, events);
  };
  DataParts<LanguageModelExamples> data;
  if (validation && validation->share) {
    const auto corpus = read_corpus(config, train, tokenizer.tokenizer, num_threads, events);
    DocumentSplit parts = split_documents(*corpus, *validation->share, static_cast<std::uint64_t>(config.seed));
    data.training = make_examples(config, "training", train, tokenizer, corpus, std::move(parts.training));
    data.validation = make_examples(config, "validation", train, tokenizer, corpus, std::move(parts.validation));
  } else {
    data.training = read("training", train);
    if (validation) data.validation = read("validation", {validation->file});
  }
  if (config.data.test) data.test = read("test", {*config.data.test});
  return data;
}

std::shared_ptr<const TargetRule> make_target_rule(const RunConfig& config, const RunTokenizer& run) {
  if (config.task == TaskKind::kCausalLm) return std::make_shared<NextTokenRule>();
  MaskingVocabulary vocabulary = MaskingVocabulary::of(run.tokenizer, run.limits.num_ids);
  run.limits.require_id(run.tokenizer, vocabulary.mask_id);
  return std::make_shared<MaskedTokenRule>(Masker(config.training.task.masked_lm.masking, std::move(vocabulary)),
                                           static_cast<std::uint64_t>(config.seed));
}

void LanguageModelExamples::log(EventSink& events) const {
  events.info(name + " data: " + std::to_string(num_documents) + " documents of " + path + ", " +
                  std::to_string(text.num_tokens) + " tokens in " + std::to_string(size()) + " sequences of up to " +
                  std::to_string(max_length),
              {{"split", name},
               {"num_documents", num_documents},
               {"num_tokens", text.num_tokens},
               {"num_sequences", size()},
               {"num_truncated", num_truncated()}});
  if (num_truncated() > 0)
    events.warning(name + " data: " + std::to_string(num_truncated()) + " of " + std::to_string(size()) +
                   " sequences are longer than " + std::to_string(max_length) +
                   " tokens (tokenizer.max_length) and are cut; " + sequences->advice_on_truncation());
  const std::int64_t num_left_out = sequences->num_left_out();
  if (num_left_out > 0)
    events.warning(name + " data: " + std::to_string(num_left_out) + " of " + std::to_string(num_documents) +
                   " documents have a single sentence, make no pair and are left "
                   "out; sentences are the lines of a document");
}

}  // namespace llmtool
